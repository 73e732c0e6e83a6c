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
# # 2. Traducir y cargar en Argilla
#
# [![Abrir en Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/somosnlp/h4rmony-es/blob/main/notebooks/02_traducir_y_cargar.ipynb)
#
# Este cuaderno traduce los registros al español, señala las traducciones más dudosas, arranca Argilla y carga en
# ella los registros para que los revisen personas. Argilla es la página web donde se ordenan las respuestas y se
# corrige el español. Aquí se ejecuta dentro del propio cuaderno: una celda la arranca y la última la detiene.
#
# Todo se guarda en una carpeta. Con la misma carpeta, el cuaderno se puede ejecutar otra vez: no traduce ni carga
# nada dos veces, y nunca toca lo que alguien haya respondido.

# %% [markdown]
# ## Parámetros

# %% tags=["parameters"]
# Pares o registros: un archivo, o un conjunto del Hub como "neovalle/H4rmony".
# Vacío: la muestra del proyecto, 24 enunciados en inglés.
ORIGEN = ""
# Quién traduce. "auto" toma el mejor motor que funcione aquí; otros son "salamandra", "opus", "apertium" y "memory".
TRADUCTOR = "auto"
# Un archivo JSON Lines con traducciones hechas antes, que se usan sin traducir otra vez. Vacío: ninguno.
MEMORIA = ""
# El modelo que mide la adecuación: un identificador del Hub o una carpeta. "none" para no medirla.
# Vacío: LaBSE, que ocupa unos 2 GB.
MODELO_DE_ADECUACION = ""
# Dónde queda todo: Argilla con sus respuestas, las contraseñas y la memoria de traducción.
CARPETA = "revision"
# En qué puerto atiende Argilla; 0 toma uno libre.
PUERTO = 6900
# Quiénes van a revisar. Con cada nombre se crea una cuenta.
PERSONAS = ["ana", "luis"]

# %% [markdown]
# ## Instalación
#
# `h4rmony-es` con dos extras: `server` es Argilla (servidor y página web, sin Docker) y `models` son los modelos
# que traducen y que miden la adecuación (transformers, sentence-transformers y CTranslate2). torch se queda en la
# versión que haya. Argilla pide versiones más antiguas de algunos paquetes, como httpx y pydantic; si pip cambia
# alguna, la celda lo dice y hay que reiniciar la sesión.

# %% tags=["install"]
PAQUETES = ["h4rmony-es[server,models]"]
MODULOS = ["loaders", "argilla_server", "sentence_transformers", "ctranslate2"]

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
# ## Traducir
#
# Cada texto distinto se traduce una sola vez. La primera vez se descarga el modelo; después, lo traducido está en
# la memoria de traducción y no se repite.

# %% tags=["translate"]
import warnings
from contextlib import ExitStack
from pathlib import Path

import pandas as pd
from IPython.display import HTML, display
from tqdm import tqdm

from exports import collect
from loaders import load, translate
from workspace import samples, serve

warnings.filterwarnings("ignore", "IProgress not found")
servidor = ExitStack()  # lo que habrá que detener al final
PASOS = {"translating": "Traducir", "loading": "Cargar"}


def avance(elementos, paso, total):
    """Una barra que dice por dónde va un paso largo."""
    return tqdm(elementos, desc=PASOS.get(paso, paso), total=total)


def mostrar(tabla):
    """La tabla con los textos enteros, a la izquierda y con los números como se escriben en español."""
    estilo = {"text-align": "left", "vertical-align": "top", "white-space": "pre-wrap"}
    vista = tabla.style.hide(axis="index").set_properties(**estilo)
    vista = vista.set_table_styles([{"selector": "th", "props": [("text-align", "left")]}])
    return vista.format(escape="html", precision=2, decimal=",", thousands="\u202f", na_rep="")


modelo = MODELO_DE_ADECUACION or None
traducido = translate(
    ORIGEN or samples().english,
    TRADUCTOR,
    home=CARPETA,
    memory_file=Path(MEMORIA) if MEMORIA else None,
    embedding_model=modelo,
    progress=avance,
)
cuenta = traducido.counts
print(f"{traducido.length} registros con {cuenta.distinct} textos distintos.")
print(f"Traducidos ahora: {cuenta.translated}. De la memoria: {cuenta.from_memory}.", end=" ")
print(f"Sin traducir: {cuenta.untranslated}.")
print(f"Motor: {traducido.engine}. Licencia de la traducción: {traducido.licence}.")
medida = traducido.adequacy.replace("absent: --embedding-model none", "no se pidió")
print(f"Adecuación: {medida.replace('absent:', 'no se midió;')}.")
if traducido.engine.startswith("apertium"):
    print("Apertium sirve para probar el recorrido. Para una revisión de verdad, usa un modelo: TRADUCTOR = 'opus'.")

# %% [markdown]
# ## Lo más dudoso
#
# Unas reglas señalan lo que parece mal, con un *aviso*. La *adecuación*, de 0 a 1, dice cuánto se parece el
# significado de la traducción al del original; la mide un modelo multilingüe. Estos son los textos con cada aviso:

# %% tags=["flags"]
AVISOS = {
    "untranslated": "Sin traducir",
    "wrong_language": "En otro idioma",
    "length_ratio": "Muy corta o muy larga",
    "markup_changed": "Código o fórmula con cambios",
    "missing_inverted": "Falta ¿ o ¡",
    "numbers_lost": "Falta un número",
    "urls_lost": "Falta una dirección web",
    "glossary_missed": "No sigue el glosario",
    "truncated": "Cortada",
    "repeated": "Repite palabras",
    "unknown_words": "Palabras desconocidas",
}

textos = traducido.texts_frame()
textos["avisos"] = [", ".join(AVISOS[aviso] for aviso in avisos) for avisos in textos["flags"]]
con_aviso = textos["flags"].explode().map(AVISOS).value_counts()
print(f"{(textos['avisos'] != '').sum()} de {len(textos)} textos tienen algún aviso.")
mostrar(con_aviso.rename_axis("aviso").reset_index(name="textos"))

# %% [markdown]
# Y estas son las traducciones más dudosas, de peor a mejor. Las marcadas con «a mano» no se rellenan en el
# formulario: quien revisa tiene que escribirlas, para que nadie las apruebe sin leerlas.

# %%
peores = textos.head(8)
partes = {0: "enunciado", **{puesto: f"respuesta {puesto}" for puesto in range(1, 27)}}
mostrar(
    pd.DataFrame(
        {
            "registro": peores["id"],
            "texto": peores["rank"].map(partes).fillna("respuesta"),
            "original": peores["source"],
            "traducción": peores["translation"],
            "adecuación": peores["adequacy"],
            "avisos": peores["avisos"],
            "a mano": peores["doubtful"].map({True: "sí", False: ""}),
        }
    ).dropna(axis="columns", how="all")
)

# %% [markdown]
# ## Argilla en marcha
#
# La celda arranca Argilla, carga los registros, crea las cuentas y escribe el enlace. Si algo falla, Argilla se
# detiene. Si todo va bien, sigue en marcha hasta la última celda del cuaderno o hasta que se cierre la sesión.

# %% tags=["serve"]
servidor.close()  # si ya estaba en marcha, porque la celda se ejecuta otra vez
with ExitStack() as arranque:
    print("Argilla arranca ...")
    conexion = arranque.enter_context(serve(CARPETA, PUERTO))
    cargado = load(traducido.records, conexion, "none", embedding_model=modelo, progress=avance)
    notas = conexion.invite(PERSONAS)
    servidor = arranque.pop_all()

acciones = {accion.value: cuantos for accion, cuantos in cargado.actions.items()}
print(f"{cargado.records} registros: {acciones.get('new', 0)} nuevos, {acciones.get('unchanged', 0)} que ya estaban.")
for nota in cargado.notes:
    print("-", nota)

# %% [markdown]
# ## Revisar
#
# El enlace de abajo lleva al primer registro pendiente. El usuario y la contraseña de cada persona están en su
# nota, un archivo de la carpeta `invitations`; en Colab se abre desde el panel de archivos, a la izquierda. Una
# nota es como una llave: se envía solo a quien va a usarla.
#
# En Colab el enlace funciona solo en el navegador de quien ejecuta el cuaderno. Para que revise un equipo, Argilla
# tiene que estar en una máquina a la que todos lleguen: `h4rmony serve --host 0.0.0.0`.

# %% tags=["link"]
try:
    from google.colab import output  # en Colab, el navegador llega al puerto a través de Google

    puerto = conexion.api_url.rpartition(":")[2]
    enlace = conexion.link(output.eval_js(f"google.colab.kernel.proxyPort({puerto})"))
except ImportError:
    enlace = conexion.link()

for nota in sorted((Path(CARPETA) / "invitations").glob("*.txt")):
    print(f"{nota.stem}: usuario y contraseña en {nota}")
display(HTML(f'<p><a href="{enlace}" target="_blank" rel="noopener">Abrir la revisión en Argilla</a></p>'))

# %% [markdown]
# ## ¿Cómo va?
#
# Esta celda se puede ejecutar las veces que haga falta mientras se revisa.

# %% tags=["progress"]
ESTADOS = {"submitted": "enviadas", "draft": "borradores", "discarded": "descartadas"}
papeletas = collect(conexion).ballots_frame()
if len(papeletas):
    tabla = pd.crosstab(papeletas["reviewer"], papeletas["status"].map(ESTADOS))
    display(mostrar(tabla.rename_axis("quién").reset_index()))
else:
    print("Todavía no ha respondido nadie.")

# %% [markdown]
# ## Detener Argilla
#
# Lo respondido queda guardado en la carpeta. Para seguir otro día, ejecuta otra vez el cuaderno con la misma
# carpeta.

# %% tags=["stop"]
servidor.close()
print(f"Argilla se ha detenido. Todo está en {Path(CARPETA).resolve()}.")

# %% [markdown]
# Lo que sigue: [3. Recoger y exportar](03_recoger_y_exportar.ipynb).
