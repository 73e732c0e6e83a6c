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
# # 3. Recoger y exportar
#
# [![Abrir en Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/somosnlp/h4rmony-es/blob/main/notebooks/03_recoger_y_exportar.ipynb)
#
# Cuando varias personas han revisado, este cuaderno recoge lo que respondieron, mide si están de acuerdo, combina
# sus votos en pares, los escribe en los formatos que leen los programas de entrenamiento y hace la ficha del
# conjunto de datos.
#
# Una *papeleta* es lo que una persona respondió a un registro: el orden de las respuestas, los textos corregidos y
# los problemas que vio. Un *voto* es una papeleta enviada que cuenta. Nada de lo que hace este cuaderno cambia
# ninguna papeleta.
#
# Si todavía no hay una revisión, usa la de muestra: 48 enunciados que revisaron dos personas simuladas.

# %% [markdown]
# ## Parámetros

# %% tags=["parameters"]
# La carpeta del cuaderno 2, donde Argilla guardó la revisión. Si no hay ninguna, se usa la revisión de muestra.
CARPETA = "revision"
# Una revisión que ya se recogió, de cualquier Argilla: la carpeta que escribió `h4rmony collect -o`. Vacío: ninguna.
RECOGIDA = ""
# Cuántos votos necesita un par.
VOTOS = 1
# En qué formatos se escriben los pares, y dónde.
FORMATOS = ["dpo", "kto"]
SALIDA = "datos"
# Con qué nombre se publicaría en el Hub; aquí no se publica nada.
NOMBRE = "usuario/h4rmony-es"

# %% [markdown]
# ## Instalación
#
# `h4rmony-es` con dos extras: `server` es Argilla, para leer la revisión, y `report` son los paquetes que miden el
# acuerdo y dibujan (krippendorff, scipy, scikit-learn y matplotlib). No hace falta torch. Argilla pide versiones
# más antiguas de algunos paquetes, como httpx y pydantic; si pip cambia alguna, la celda lo dice y hay que
# reiniciar la sesión.

# %% tags=["install"]
PAQUETES = ["h4rmony-es[server,report]"]
MODULOS = ["exports", "argilla_server", "krippendorff", "matplotlib", "scipy", "sklearn"]

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
# ## Recoger
#
# Se leen todos los registros y todas las papeletas, también los borradores y las descartadas, y quedan en archivos:
# a partir de aquí ya no hace falta Argilla.

# %% tags=["collect"]
import json
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import Markdown, display

from exports import agreement, collect, export, merge, pairs, publish, read_review
from workspace import samples, serve

warnings.filterwarnings("ignore", "IProgress not found")


def mostrar(tabla):
    """La tabla con los textos enteros, a la izquierda y con los números como se escriben en español."""
    estilo = {"text-align": "left", "vertical-align": "top", "white-space": "pre-wrap"}
    vista = tabla.style.hide(axis="index").set_properties(**estilo)
    vista = vista.set_table_styles([{"selector": "th", "props": [("text-align", "left")]}])
    return vista.format(escape="html", precision=2, decimal=",", thousands="\u202f", na_rep="")


salida = Path(SALIDA)
if RECOGIDA:
    revision = read_review(RECOGIDA)
elif (Path(CARPETA) / "server").is_dir():
    print("Argilla arranca mientras se recoge ...")
    with serve(CARPETA) as conexion:
        revision = collect(conexion, salida / "revision")
else:
    print(f"En {CARPETA} no hay ninguna revisión: se usa la de muestra.")
    revision = read_review(samples().review)
if not any(papeleta.status == "submitted" for papeleta in revision.ballots):
    print("En esa revisión aún no hay papeletas enviadas: se usa la de muestra.")
    revision = read_review(samples().review)

ESTADOS = {"submitted": "enviadas", "draft": "borradores", "discarded": "descartadas"}
papeletas = revision.ballots_frame()
print(f"Registros: {len(revision.records)}. Papeletas: {len(papeletas)}.")
mostrar(pd.crosstab(papeletas["reviewer"], papeletas["status"].map(ESTADOS)).rename_axis("quién").reset_index())

# %% [markdown]
# ## ¿Están de acuerdo?
#
# - **Alfa de los puestos** y **alfa de los pares** (Krippendorff): 1 es acuerdo total y 0, lo que saldría al azar.
#   Su autor acepta conclusiones provisionales desde 0,667 y firmes desde 0,8; son las líneas de trazos.
# - **Tau** (Kendall): cuánto se parecen dos órdenes, de −1 (el contrario) a 1 (el mismo). Se mide entre revisores y
#   con el orden que ya traía la fuente.
#
# Cada cifra va con su intervalo del 95 %: con pocos registros es ancho, y entonces la cifra dice poco.

# %% tags=["agreement"]
MEDIDAS = {
    "alpha_ranks": "Alfa de los puestos",
    "alpha_pairs": "Alfa de los pares",
    "tau_reviewers": "Tau entre revisores",
    "tau_source": "Tau con la fuente",
    "tau_others": "Tau con los demás",
}
TEMAS = {
    "PWM": "Contaminación y residuos",
    "CCEU": "Clima y energía",
    "NRMB": "Recursos y biodiversidad",
    "WA": "Vida silvestre y agricultura",
    "SC": "Retos sociales",
    "": "Sin tema",
}


def dibujar(ejes, cifras, nombres):
    """Una línea por cifra: el punto es el valor y la barra, su intervalo."""
    sitios = list(range(len(cifras), 0, -1))
    for sitio, medida in zip(sitios, cifras["measure"], strict=True):
        if medida.startswith("alpha"):
            ejes.vlines([0.667, 0.8], sitio - 0.5, sitio + 0.5, color="0.6", linestyle="--", linewidth=1)
    ejes.hlines(sitios, cifras["low"], cifras["high"], color="#8db9a5", linewidth=4)
    ejes.plot(cifras["value"], sitios, "o", color="#1f6b4a", markersize=8)
    ejes.set_yticks(sitios, nombres)
    ejes.set_xlim(min(-0.02, cifras["low"].min()), 1.02)
    ejes.set_ylim(0.4, len(cifras) + 0.6)
    ejes.xaxis.set_major_formatter(lambda numero, _: f"{numero:.1f}".replace(".", ","))
    ejes.spines[["top", "right"]].set_visible(False)


acuerdo = agreement(revision).to_pandas()
general = acuerdo[acuerdo["scope"] == "all"].dropna(subset="value")
if len(general):
    figura, ejes = plt.subplots(figsize=(7, 0.6 * len(general) + 0.6), layout="constrained")
    dibujar(ejes, general, general["measure"].map(MEDIDAS))
    ejes.set_title("Acuerdo de toda la revisión", loc="left")
    plt.show()
    tabla = general[["measure", "value", "low", "high", "records"]].replace({"measure": MEDIDAS})
    display(mostrar(tabla.set_axis(["medida", "valor", "desde", "hasta", "registros"], axis="columns")))
else:
    print("No se puede medir: hace falta que dos personas hayan votado los mismos registros.")

# %% [markdown]
# Lo mismo por persona (¿ordena alguien de otra manera que los demás?) y por tema (¿en cuál cuesta más ponerse de
# acuerdo?):

# %% tags=["by_group"]
vistas = [("reviewer", "tau_others", "Tau de cada persona con los demás"), ("issue", "alpha_ranks", "Alfa por tema")]
for ambito, medida, titulo in vistas:
    cifras = acuerdo[(acuerdo["scope"] == ambito) & (acuerdo["measure"] == medida)].dropna(subset="value")
    if len(cifras):
        figura, ejes = plt.subplots(figsize=(7, 0.5 * len(cifras) + 0.7), layout="constrained")
        dibujar(ejes, cifras, [TEMAS.get(nombre, nombre) for nombre in cifras["name"]])
        ejes.set_title(titulo, loc="left")
        plt.show()

# %% [markdown]
# ## Combinar
#
# Los votos se combinan por pares de respuestas: se escribe un par cuando la mayoría prefiere una de las dos. Un
# empate, un ciclo o muy pocos votos no dan ningún par, y nunca se decide al azar.

# %% tags=["merge"]
combinado = merge(revision, min_reviewers=VOTOS)
tabla_de_pares = pairs(combinado)
print(f"{len(tabla_de_pares)} pares. Los primeros, con su margen: victorias menos derrotas, entre los votos.")
vista = tabla_de_pares[["prompt", "chosen", "rejected", "margin"]].head(3)
mostrar(vista.set_axis(["enunciado", "mejor", "peor", "margen"], axis="columns"))

# %% [markdown]
# ## Escribir los formatos
#
# | formato | qué tiene cada fila | para qué |
# |---|---|---|
# | `dpo` | el enunciado y dos respuestas, una mejor, como conversación | DPO y otros métodos que las comparan |
# | `dpo-standard` | lo mismo, como texto | lo mismo, con modelos sin plantilla de conversación |
# | `kto` | una respuesta y si es buena o mala | KTO |
# | `reward` | lo de `dpo`, con el margen | modelos de recompensa |
# | `sft` | la mejor respuesta de cada enunciado | ajuste supervisado |
# | `orpo` | lo de `dpo` | ORPO y CPO |
# | `h4rmony` | las columnas de H4rmony | quien ya usa H4rmony |
# | `lm-eval` | el enunciado con todas sus respuestas | puntuar un modelo con lm-evaluation-harness |
#
# Cada formato tiene una parte para entrenar (`train`) y otra para probar (`test`). Un enunciado está siempre en la
# misma parte.

# %% tags=["export"]
escrito = export(combinado, salida, FORMATOS)
partes = ("train", "test")
filas = [[formato, *(escrito.counts.rows[f"{formato}/{parte}"] for parte in partes)] for formato in FORMATOS]
display(mostrar(pd.DataFrame(filas, columns=["formato", *partes])))

ejemplo = combinado.to_dataset(FORMATOS[0])["train"]
textos = ("prompt", "chosen", "rejected", "completion", "label")
columnas = [columna for columna in ejemplo.features if columna in textos]
if len(ejemplo):
    print(f"La primera fila de {FORMATOS[0]}:")
    print(json.dumps(ejemplo.select_columns(columnas)[0], ensure_ascii=False, indent=1))

# %% [markdown]
# Lo que no dio ningún par está en `dropped.jsonl`, con el motivo:

# %% tags=["dropped"]
MOTIVOS = {
    "no_votes": "nadie ha enviado una papeleta que cuente",
    "discarded": "nadie ha enviado una papeleta, y una descartada dice que no se puede ordenar o que es dañino",
    "not_rankable": "al menos la mitad de las papeletas dice que no se puede ordenar",
    "too_many_answers": "demasiadas respuestas para el método",
    "too_few_reviewers": "menos votos de los exigidos",
    "tie": "empate",
    "cycle": "las mayorías forman un ciclo",
    "not_unanimous": "no todos los votos coinciden",
    "several_optima": "varios órdenes son igual de buenos",
    "against_majority": "los órdenes óptimos invierten la mayoría",
    "margin_too_small": "margen menor que el exigido",
    "problems": "al menos la mitad de las papeletas dice que es dañino, falso o está mal traducido",
    "equal_texts": "las dos respuestas son iguales tras la revisión",
    "missing_text": "falta un texto",
    "unreviewed_text": "un texto es de la máquina y nadie envió ninguno",
    "other_version": "otra versión del enunciado da las filas",
}
sin_par = [json.loads(linea) for linea in (salida / "dropped.jsonl").read_text("utf-8").splitlines()]
if sin_par:
    motivos = pd.Series([cada["reason"] for cada in sin_par]).map(MOTIVOS).value_counts()
    display(mostrar(motivos.rename_axis("motivo").reset_index(name="pares")))
else:
    print("Todos los pares se escribieron.")

# %% [markdown]
# ## La ficha del conjunto de datos
#
# `publish` prepara la carpeta que se publicaría en el Hub de Hugging Face: los datos, las papeletas con seudónimos
# y la ficha, en español y en inglés. Todas sus cifras están calculadas. Con `folder` no se publica nada; para
# publicar hacen falta una cuenta y `h4rmony publish`.

# %% tags=["card"]
publicacion = salida / "publicacion"
publicado = publish(combinado, NOMBRE, FORMATOS, folder=publicacion, home=Path(CARPETA))
ficha = (publicacion / "README.md").read_text("utf-8")
en_espanol = ficha.split("\n# ")[1]
Markdown(f"# {en_espanol}")

# %% [markdown]
# Todo lo que se escribió:

# %% tags=["files"]
for archivo in sorted(salida.rglob("*")):
    if archivo.is_file():
        print(f"{archivo.relative_to(salida)}  ({archivo.stat().st_size / 1024:.0f} KiB)")

# %% [markdown]
# La página completa de la revisión, con el anclaje, las correcciones y cada desacuerdo, la hace `h4rmony report`.
#
# Lo que sigue: [4. Ampliar](04_ampliar.ipynb), con enunciados nuevos, o [5. Ajustar con
# DPO](05_ajustar_con_dpo.ipynb), que entrena un modelo con estos pares.
