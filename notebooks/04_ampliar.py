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
# # 4. Ampliar: enunciados nuevos y respuestas en tres papeles
#
# [![Abrir en Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/somosnlp/h4rmony-es/blob/main/notebooks/04_ampliar.ipynb)
#
# Un modelo de lenguaje contesta cada pregunta tres veces, en tres papeles: quien cuida la naturaleza, quien duda y
# quien no la ve. Así el orden de las respuestas se conoce de antemano, y revisar es comprobar.
#
# Este cuaderno amplía un conjunto con preguntas tuyas y con otras que escribe el modelo, mide si el orden se adivina
# sin leer, enseña qué se rechazó y por qué, y carga el resultado en Argilla para que lo comprueben personas.

# %% [markdown]
# ## Parámetros
#
# Quién escribe: un modelo en esta máquina (`LOCAL`; para este hace falta una GPU, y basta la gratuita de Colab:
# *Entorno de ejecución → Cambiar tipo → T4*) o un servicio que hable el protocolo de OpenAI (`MODELO` y `SERVICIO`,
# con `LOCAL = ""`).

# %% tags=["parameters"]
# Una carpeta o un nombre del Hub de Hugging Face; vacío: se pregunta a MODELO en SERVICIO.
LOCAL = "Qwen/Qwen3-4B-Instruct-2507"
MODELO = "gpt-4.1-mini"
SERVICIO = "https://api.openai.com/v1"
# Cuántos tokens puede gastar este cuaderno, y cuántas preguntas escribe el modelo para cada uno de los cinco temas.
PRESUPUESTO = 300_000
POR_TEMA = 2
# Dónde ocurren las preguntas que escribe el modelo; vacío: no se dice.
PAIS = "Chile"
# Con qué se compara: pares como los de "neovalle/H4rmony"; vacío: la muestra del proyecto, estropeada a propósito.
ANTES = ""
# Un Argilla que ya esté en marcha (su clave, en ARGILLA_API_KEY); vacío: se arranca uno aquí mientras haga falta.
ARGILLA = ""
# Preguntas que se oyen donde vives. Cámbialas por las tuyas.
PREGUNTAS = [
    "¿Qué hago con las hojas secas del patio?",
    "¿Vale la pena arreglar una licuadora vieja?",
    "¿Cómo ahuyento a las palomas del balcón?",
    "¿Conviene secar el humedal para hacer una cancha?",
    "¿Qué como esta semana si tengo poca plata?",
    "¿Por qué la gente defiende a los pumas si se comen las ovejas?",
    "¿Es buena idea llenar el jardín de pasto sintético?",
    "¿A dónde van a parar las pilas que boto?",
    "¿Cómo convenzo a mi papá de no quemar el rastrojo?",
    "¿Qué regalo le doy a una niña que cumple ocho años?",
    "¿Sirve de algo separar la basura en un edificio?",
    "¿Puedo llevarme caracolas de la playa?",
    "¿Qué árbol planto en una vereda angosta?",
    "¿Me compro un auto o sigo en micro?",
    "¿Qué le digo a quien tira escombros al arroyo?",
    "¿Cuánta agua le pongo a la huerta en verano?",
    "¿Está mal matar las arañas de la casa?",
    "¿Qué hacemos con los perros que persiguen a los zorros?",
    "¿Debería el municipio podar en primavera?",
    "¿Qué pasa si se pierde el maíz de mi abuela?",
    "¿Cómo explico en la escuela para qué sirve un mosquito?",
    "¿Conviene una represa si da trabajo al pueblo?",
    "¿Cómo celebro las fiestas sin fuegos artificiales?",
    "¿Qué hago si encuentro un pichón caído?",
]

# %% [markdown]
# ## Instalación

# %% tags=["install"]
PAQUETES = ["h4rmony-es[server,extend,models,report]"]
MODULOS = ["argilla_server", "loaders", "matplotlib", "openai", "sklearn", "transformers"]

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
# ## Quién escribe
#
# La clave de un servicio no se escribe en el cuaderno: se toma de la variable `OPENAI_API_KEY` o se pide aquí.

# %%
import os
from contextlib import ExitStack
from getpass import getpass
from pathlib import Path

import pandas as pd

from exports import agreement, collect, forest, merge, pairs
from loaders import ExtendSettings, extend, implode, load
from workspace import Ballot, GiveAwayFound, Record, connect, measure_giveaways, samples, serve

pd.set_option("display.max_colwidth", 200)
quien = {"local": LOCAL} if LOCAL else {"model": MODELO, "base_url": SERVICIO}
if not LOCAL and "OPENAI_API_KEY" not in os.environ:
    os.environ["OPENAI_API_KEY"] = getpass(f"Clave de {SERVICIO}: ")
ajustes = {**quien, "budget": PRESUPUESTO, "home": "estado"}

# %% [markdown]
# ## Cuánto va a costar
#
# Con `dry_run` no se pide ni se escribe nada: se cuenta.

# %% tags=["costs"]
Path("preguntas.txt").write_text("\n".join(PREGUNTAS), encoding="utf-8")
ensayo = extend("propias.jsonl", prompts="preguntas.txt", settings=ExtendSettings(**ajustes, dry_run=True))
tokens = ensayo.estimated.total if ensayo.estimated else 0
print(f"{ensayo.prompts} preguntas: unas {ensayo.estimated_requests or 0} peticiones y {tokens} tokens.")

# %% [markdown]
# ## Tus preguntas
#
# Cada respuesta que pasa las comprobaciones se guarda en `estado/`. Si la celda se interrumpe, vuelve a ejecutarla:
# sigue donde estaba y nada se paga dos veces.
#
# Desde 20 enunciados, si el orden se puede adivinar sin leer, `extend` no escribe los registros y lo dice
# (`GiveAwayFound`). Aquí se escriben de todos modos, para poder mirarlos; no los publiques así.

# %% tags=["own"]
try:
    propias = extend("propias.jsonl", prompts="preguntas.txt", settings=ExtendSettings(**ajustes))
except GiveAwayFound as aviso:
    print("El orden se adivina sin leer:", aviso)
    con_aviso = ExtendSettings(**ajustes, allow_giveaways=True)
    propias = extend("propias.jsonl", prompts="preguntas.txt", settings=con_aviso)
propias.check_done()
print(f"{propias.written + propias.kept} registros, {len(propias.refused)} preguntas sin registro.")

# %% [markdown]
# Un registro: la pregunta y tres respuestas, de la mejor a la peor. Las tres se piden con la misma longitud.

# %% tags=["record"]
PAPELES = ("consciente", "ambivalente", "inconsciente")


def en_papeles(registro: Record) -> pd.DataFrame:
    """Las respuestas de un registro, con el papel en que se escribió cada una."""
    filas = zip(PAPELES, registro.answers, strict=True)
    return pd.DataFrame([(papel, uno.rank, len(uno.text), uno.text) for papel, uno in filas],
                        columns=["papel", "puesto", "caracteres", registro.prompt])  # fmt: skip


en_papeles(propias.records[0])

# %% [markdown]
# ## Preguntas del modelo, por tema
#
# El modelo escribe además enunciados para los cinco temas de H4rmony. Ninguno puede repetir los tuyos (`against`). Se
# comparan por sus palabras; con `embedding_model="sentence-transformers/LaBSE"`, también por su significado.

# %% tags=["per_issue"]
lugar = {"country": PAIS} if PAIS else {}
por_temas = {**ajustes, **lugar, "against": ["propias.jsonl"], "embedding_model": "none"}
con_aviso = ExtendSettings(**por_temas, allow_giveaways=True)
por_tema = extend("por_tema.jsonl", per_issue=POR_TEMA, settings=con_aviso)
por_tema.check_done()
pd.DataFrame(por_tema.issues).rename_axis("tema")

# %% tags=["per_issue_records"]
pd.DataFrame(
    [(uno.metadata["issues"][0], uno.metadata["manifestation"], uno.prompt) for uno in por_tema.records],
    columns=["tema", "manifestación", "enunciado"],
)

# %% [markdown]
# ## ¿Se adivina el orden sin leer?
#
# En muchos conjuntos la respuesta buena es la más larga. Un modelo que se entrene con ellos aprende a escribir largo,
# no a cuidar la naturaleza. Se miden dos cosas:
#
# - en qué parte de los pares **la más larga es la mejor**: entre el 40 % y el 60 % está bien;
# - cuántas veces acierta **un clasificador** que solo ve la superficie (signos, mayúsculas, palabras comunes): el
#   azar es el 50 %, y su intervalo no debe pasar del 65 %.
#
# Antes: sin `ANTES`, la muestra del proyecto con las respuestas peores cortadas en su primera frase, que es lo que
# pasa si nadie pide la misma longitud. Después: lo que se acaba de escribir.

# %% tags=["giveaways"]
if ANTES:
    antes = implode(ANTES).records
else:
    cortado = pd.read_csv(samples().english, dtype=str)
    cortado["WorseCompletion"] = cortado["WorseCompletion"].str.split(". ", regex=False).str[0]
    antes = implode(cortado[["Prompt", "BetterCompletion", "WorseCompletion"]]).records
medidas = {
    "antes": measure_giveaways(antes),
    "después": measure_giveaways([*propias.records, *por_tema.records]),
}
pd.DataFrame(
    [
        (cuando, una.prompts, una.pairs, str(una.longer_wins), str(una.surface.accuracy or una.surface.reason),
         "nada lo delata" if una.passes else una.problem)
        for cuando, una in medidas.items()
    ],
    columns=["", "enunciados", "pares", "gana la más larga", "acierta el clasificador", "veredicto"],
)  # fmt: skip

# %% tags=["picture"]
forest(
    {
        f"{que}, {cuando}": valor
        for cuando, una in medidas.items()
        for que, valor in (("gana la más larga", una.longer_wins), ("acierta el clasificador", una.surface.accuracy))
    },
    marks=(0.4, 0.6),
)

# %% [markdown]
# Las líneas discontinuas son el 40 % y el 60 %. Con pocos enunciados los intervalos son anchos y no se puede decir
# que *nada* delate el orden: escribe más.

# %% [markdown]
# ## Qué se rechazó, y por qué
#
# Un texto que no sirve se vuelve a pedir, tres veces como mucho. Lo que tampoco sirve entonces no da registro y queda
# en `extend.rejected.jsonl`. En la tabla, `is_try` marca las preguntas del modelo que otra sustituyó.

# %% tags=["refused"]
rechazado = pd.concat([propias.refused_frame(), por_tema.refused_frame()], ignore_index=True)
print(f"{len(rechazado)} textos rechazados.")
rechazado[["role", "prompt", "reason", "is_try"]]

# %% [markdown]
# Para pedirlo otra vez: `ExtendSettings(..., retry_refused=True)`; con un modelo local, también con otra `seed`.

# %% [markdown]
# ## Revisar es comprobar
#
# `load` lleva los registros a Argilla. Casi todos van en modo `verify`: quien revisa encuentra el orden puesto y, si
# está de acuerdo, pulsa Intro. Uno de cada diez va en modo `blind`, sin orden, para saber cuánto influye el orden
# puesto.
#
# Aquí contestan dos personas inventadas: Ana acepta siempre el orden; Luis cambia las dos primeras en uno de cada
# cuatro. Las de verdad lo hacen en el navegador, y `post` no hace falta.


# %% tags=["review"]
def voto(registro: Record, persona: str, puestos: tuple[int, ...]) -> Ballot:
    """Lo que contesta una persona: sus puestos, sin tocar los textos."""
    textos = tuple(una.text for una in registro.answers)
    return Ballot(registro.id, persona, ranks=puestos, prompt=registro.prompt, answers=textos)


with ExitStack() as al_final:
    conjunto = "ampliar"
    if ARGILLA:
        argilla = connect(api_url=ARGILLA, dataset=conjunto, home="estado")
    else:
        argilla = al_final.enter_context(serve("argilla", dataset=conjunto))
    for archivo in ("propias.jsonl", "por_tema.jsonl"):
        cargado = load(archivo, argilla, translator="none", embedding_model="none")
        print(f"{archivo}: {dict(cargado.modes)}")
    cargados = sorted([*propias.records, *por_tema.records], key=lambda registro: registro.id)
    argilla.post(voto(uno, "ana", (1, 2, 3)) for uno in cargados)
    argilla.post(voto(uno, "luis", (1, 2, 3) if numero % 4 else (2, 1, 3)) for numero, uno in enumerate(cargados))
    revision = collect(argilla, "revision")

revision.ballots_frame()[["record_id", "reviewer", "mode", "ranks", "status"]].head(8)

# %% [markdown]
# Qué dicen los votos: cuánto coinciden entre sí y con el orden de los papeles (`source`; 1 es del todo, 0 es el
# azar), con su intervalo. Donde dos personas se contradicen no hay mayoría, y ese par no se escribe.

# %% tags=["agreement"]
acuerdo = agreement(revision).to_pandas()
acuerdo.loc[acuerdo.scope == "all", ["measure", "value", "low", "high", "items", "records"]]

# %% tags=["pairs"]
fusion = merge(revision, min_reviewers=2)
escritos = pairs(fusion)
print(f"{len(escritos)} pares de {3 * len(cargados)} posibles.")
escritos[["prompt", "chosen", "rejected"]].head(3)

# %% [markdown]
# ## Y ahora
#
# - `h4rmony export --review revision/ -o datos/` escribe los datos de entrenamiento.
# - [Ampliar](https://github.com/somosnlp/h4rmony-es/blob/main/docs/es/ampliar.md) explica lo demás: completar un
#   origen que solo tiene las mejores respuestas, los gemelos, los precios.
# - Lo que escribe un modelo queda sujeto a su licencia o a las condiciones de su proveedor (`model_licence`).
