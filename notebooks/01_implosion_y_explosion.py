# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 1. Implosión y explosión
#
# [![Abrir en Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/somosnlp/h4rmony-es/blob/main/notebooks/01_implosion_y_explosion.ipynb)
#
# H4rmony guarda *pares*: un enunciado, una respuesta mejor y una peor. Un enunciado con tres respuestas ocupa tres
# filas, y cada uno de sus textos se repite. Para traducir y revisar conviene lo contrario: un *registro* por
# enunciado, con todas sus respuestas en orden.
#
# - **Implosión**: de los pares a los registros.
# - **Explosión**: de los registros a los pares, sin perder nada por el camino.
#
# Este cuaderno hace las dos cosas, enseña lo que dice la auditoría y mide cuánto texto deja de traducirse dos
# veces. No hace falta saber programar: basta con ejecutar las celdas de arriba abajo. Tarda menos de un minuto.

# %% [markdown]
# ## Parámetros

# %% tags=["parameters"]
# De dónde salen los pares: un archivo (CSV, TSV, JSON Lines, Parquet) o un conjunto del Hub, como "neovalle/H4rmony".
# Vacío: la muestra del proyecto, 24 enunciados en inglés.
ORIGEN = ""
# Dónde se guarda lo que se obtiene.
CARPETA = "registros"

# %% [markdown]
# ## Instalación
#
# Solo hace falta `h4rmony-es`, sin extras: pandas y poco más. Ni torch ni Argilla.

# %% tags=["install"]
PAQUETES = ["h4rmony-es"]
MODULOS = ["loaders", "exports", "workspace"]

import importlib
import tempfile
from importlib import metadata, util
from subprocess import run
from sys import executable


def versiones():
    return {paquete.name: paquete.version for paquete in metadata.distributions()}


if all(util.find_spec(modulo) for modulo in MODULOS):
    print("Todo está instalado: no se instala nada.")
else:
    print("Se instala lo que falta; puede tardar unos minutos.")
    antes = versiones()
    # pip no toca estos paquetes si ya están, porque su versión depende de la máquina y de la tarjeta gráfica
    fijos = {"numpy", "torch", "torchaudio", "torchvision"} & antes.keys()
    direccion = " @ git+https://github.com/somosnlp/h4rmony-es"
    pedidos = [nombre + direccion if nombre.startswith("h4rmony-es") else nombre for nombre in PAQUETES]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as archivo:
        archivo.write("\n".join(f"{nombre}=={antes[nombre]}" for nombre in sorted(fijos)))
        archivo.flush()
        run([executable, "-m", "pip", "install", "--quiet", "--constraint", archivo.name, *pedidos], check=True)
    importlib.invalidate_caches()
    despues = versiones()
    cambios = [f"{uno} {antes[uno]} → {despues.get(uno)}" for uno in antes if antes[uno] != despues.get(uno)]
    print(f"Cambió de versión: {', '.join(cambios)}. Reinicia la sesión y sigue." if cambios else "Instalado.")

# %% [markdown]
# ## Los pares
#
# `read_source` lee el origen, sea un archivo o un conjunto del Hub, y cada celda llega tal cual, como texto.

# %%
import pandas as pd

from exports import explode
from loaders import implode, read_source
from workspace import samples


def mostrar(tabla):
    """La tabla con los textos enteros, a la izquierda y con los números como se escriben en español."""
    estilo = {"text-align": "left", "vertical-align": "top", "white-space": "pre-wrap"}
    vista = tabla.style.hide(axis="index").set_properties(**estilo)
    vista = vista.set_table_styles([{"selector": "th", "props": [("text-align", "left")]}])
    return vista.format(escape="html", precision=2, decimal=",", thousands="\u202f", na_rep="")


tabla = read_source(ORIGEN or samples().english)
pares = tabla.to_pandas()
posibles = ("Prompt", "BetterCompletion", "WorseCompletion", "prompt", "chosen", "rejected")
columnas = [columna for columna in pares if columna in posibles]
if len(columnas) != 3:
    raise ValueError(f"Este cuaderno necesita un enunciado, una respuesta mejor y una peor, y hay {list(pares)}")
print(f"{len(pares)} pares con {len(pares.columns)} columnas. El primero:")
mostrar(pares[columnas].head(1))

# %% [markdown]
# ## Implosión
#
# Las filas del mismo enunciado se juntan en un registro. Cada fila dice cuál de dos respuestas es mejor; de todas
# ellas sale el *puesto* de cada respuesta: 1 es la mejor.

# %%
implosion = implode(tabla)
registros = implosion.to_pandas()
cuenta = implosion.counts
print(f"{cuenta.rows} pares → {cuenta.records} registros; {cuenta.fully_ranked} con todas sus respuestas en orden.")
print(f"{cuenta.rows_left_out} pares quedaron fuera.")

# %% [markdown]
# Así queda el primer registro:

# %%
primero = registros.iloc[0]
print(f"{primero.id}: {primero.prompt}")
mostrar(pd.DataFrame(primero.answers)[["rank", "text"]].rename(columns={"rank": "puesto", "text": "respuesta"}))

# %% [markdown]
# ## La auditoría
#
# Nada se descarta en silencio. Cada fila del origen está en un registro o en la auditoría, con la regla que se
# aplicó. Los hallazgos posibles son estos:

# %% tags=["findings"]
HALLAZGOS = {
    # no dejan fuera ninguna fila
    "reading": "cómo se leyó el archivo: el separador, la codificación, lo que se pasó por alto",
    "renamed_column": "el nombre de una columna difiere en mayúsculas o espacios",
    "trimmed": "se cambiaron los saltos de línea de Windows de un texto, o un PromptID como 239.0",
    "alike": "un texto se ve igual que otro de su enunciado, y vale por él",
    "no_prompt_id": "falta PromptID: las filas se juntan por el texto del enunciado",
    "unreadable_ranks": "ComparedRanks no se entiende; la fila dice igualmente cuál es mejor",
    "repeated": "varias filas contienen el mismo par; se conservan todas",
    "same_prompt": "varios registros tienen el mismo enunciado; se conservan todos",
    "incomplete": "no se compararon todas las respuestas entre sí",
    "shape": "qué forma tienen las filas, y con qué regla se leyeron",
    "judges_differ": "los votos difieren; vale lo que dice la mayoría y, si no la hay, deciden los revisores",
    "open_order": "los votos se muerden la cola; el orden queda abierto y deciden los revisores",
    # dejan filas fuera
    "blank": "falta el enunciado o una respuesta",
    "equal_answers": "las dos respuestas de la fila son iguales",
    "reversed_ranks": "ComparedRanks dice que la respuesta mejor no es mejor",
    "prompt_texts": "un PromptID tiene varios enunciados; gana el de más filas",
    "contradicted": "la fila contradice los puestos que más filas apoyan",
    "against_labels": "una fila sin puestos contradice a las que los tienen",
    "outvoted": "filas sin puestos se contradicen; gana la mayoría",
    "not_text": "un turno usa una herramienta o lleva una imagen: no es texto",
    "no_turns": "la conversación no termina con un turno del usuario y otro del asistente",
    "no_order": "nada que se pueda leer dice qué respuesta es mejor",
    # dejan fuera el enunciado entero
    "prompt_texts_tied": "ningún enunciado tiene más filas que los demás",
    "labels_tied": "hay varias maneras igual de buenas de ordenar las respuestas",
    "pair_tied": "tantas filas dicen una cosa como la contraria",
    "cycle": "las filas se muerden la cola: A mejor que B, B que C y C que A",
    "one_answer": "solo queda una respuesta, o ninguna se compara con otra",
    "nothing_left": "no queda ninguna fila útil",
    "too_many_answers": "más de 26 respuestas distintas",
}
SIN_HALLAZGOS = "La auditoría está vacía: todas las filas están en un registro, tal como venían."


def ver_auditoria(auditoria):
    """Cada hallazgo con lo que significa y las filas del origen a las que se refiere."""
    tabla = pd.DataFrame({"hallazgo": auditoria["kind"], "qué significa": auditoria["kind"].map(HALLAZGOS)})
    tabla["filas"] = [", ".join(map(str, filas)) for filas in auditoria["rows"]]
    tabla["quedan fuera"] = auditoria["rows_left_out"].map({True: "sí", False: "no"})
    return mostrar(tabla)


auditoria = implosion.audit_frame()
ver_auditoria(auditoria) if len(auditoria) else print(SIN_HALLAZGOS)

# %% [markdown]
# Para ver la auditoría en acción, se estropea a propósito una copia de los pares: en la fila 1 se borra una
# respuesta, en la fila 2 las dos respuestas son iguales y al final se añade la fila 3 del revés.

# %%
enunciado, mejor, peor = columnas
estropeados = pares.copy()
estropeados.loc[0, mejor] = ""
estropeados.loc[1, peor] = estropeados.loc[1, mejor]
del_reves = pares.iloc[[2]].rename(columns={mejor: peor, peor: mejor})[list(pares)]
estropeados = pd.concat([estropeados, del_reves], ignore_index=True)

estropeada = implode(estropeados)
print(f"{estropeada.counts.rows} pares → {estropeada.counts.records} registros; "
      f"{estropeada.counts.rows_left_out} pares quedaron fuera.")  # fmt: skip
ver_auditoria(estropeada.audit_frame())

# %% [markdown]
# ## Cada texto, una sola vez
#
# En los pares, cada enunciado y cada respuesta aparecen varias veces. En los registros están una sola vez, y una
# sola vez se traducen. En H4rmony entero son 2708 textos en lugar de 6060. En este origen:

# %%
textos = pares[columnas].stack()
distintos = textos.drop_duplicates()
ahorro = pd.DataFrame(
    {
        "": ["textos", "caracteres"],
        "en los pares": [len(textos), textos.str.len().sum()],
        "distintos": [len(distintos), distintos.str.len().sum()],
    }
)
ahorro["no se traduce dos veces"] = (1 - ahorro["distintos"] / ahorro["en los pares"]).map("{:.0%}".format)
print(f"Se traducen {len(distintos)} textos en lugar de {len(textos)}.")
mostrar(ahorro)

# %% [markdown]
# ## Explosión
#
# `explode` hace el camino inverso: devuelve las filas del origen, con todas sus columnas. Para comprobarlo se
# ordenan las dos tablas y se comparan celda por celda, sin las filas que la auditoría dejó fuera.

# %%
vuelta = explode(implosion)
fuera = {fila for filas in auditoria.loc[auditoria["rows_left_out"].astype(bool), "rows"] for fila in filas}
esperados = pares.drop(index=[fila - 1 for fila in fuera])


def ordenada(tabla):
    """La tabla con las columnas del origen y las filas en un orden fijo."""
    tabla = tabla.reindex(columns=list(pares)).fillna("")
    return tabla.sort_values(list(pares)).reset_index(drop=True)


if ordenada(vuelta).equals(ordenada(esperados)):
    print(f"Iguales: las {len(vuelta)} filas han vuelto, con sus {len(vuelta.columns)} columnas, celda por celda.")
else:
    print("No son iguales celda por celda; la auditoría dice por qué (renamed_column, trimmed).")
otra_vez = list(implode(vuelta)) == list(implosion)
print(f"Y al implosionar otra vez salen {'los mismos registros' if otra_vez else 'otros registros'}.")

# %% [markdown]
# Para entrenar suelen bastar tres columnas, con todos los pares cuyo orden se conoce:

# %%
mostrar(explode(implosion, "dpo").head(3))

# %% [markdown]
# ## Guardar
#
# Los registros se guardan en JSON Lines, una línea por enunciado. Ese archivo es lo que traducen y cargan las
# órdenes `h4rmony translate` y `h4rmony load`, y también el cuaderno siguiente.

# %%
from pathlib import Path

carpeta = Path(CARPETA)
carpeta.mkdir(parents=True, exist_ok=True)
implosion.write(carpeta / "registros.jsonl", audit=carpeta / "auditoria.jsonl")
explode(implosion, "dpo").to_csv(carpeta / "pares.csv", index=False)
for archivo in sorted(carpeta.iterdir()):
    print(archivo)

# %% [markdown]
# Lo que sigue: [2. Traducir y cargar](02_traducir_y_cargar.ipynb).
