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
# # 6. La puntuación ecológica, antes y después
#
# [![Abrir en Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/somosnlp/h4rmony-es/blob/main/notebooks/06_puntuacion_ecologica.ipynb)
#
# ¿Habla mejor de la naturaleza un modelo después de entrenarlo? Este cuaderno lo mide de dos maneras:
#
# - **sin juez**: ¿le parece más probable al modelo la respuesta que prefieren las personas?
# - **con juez**: el modelo contesta, otro modelo (el *juez*) le pone nota, y unas cuantas notas de personas corrigen
#   al juez.
#
# Ningún número se da sin su intervalo y sin decir de dónde sale. Con pocos enunciados los intervalos son anchos: eso
# es un resultado, no un fallo.

# %% [markdown]
# ## Parámetros
#
# Tal como está, funciona en la GPU gratuita de Colab (*Entorno de ejecución → Cambiar tipo → T4*) con la revisión de
# muestra del proyecto. Para medir lo que entrenaste en el cuaderno 5, pon en `DESPUES` la carpeta del adaptador.

# %% tags=["parameters"]
# El modelo de partida: un nombre del Hub o una carpeta.
ANTES = "Qwen/Qwen3-0.6B"
# El modelo entrenado: la carpeta de un adaptador, una carpeta o un nombre del Hub. Vacío: el de partida, al que se le
# pide que conteste como alguien que cuida la naturaleza.
DESPUES = ""
# La revisión: la carpeta que escribió `h4rmony collect`. Vacío: la de muestra.
REVISION = ""
# El juez: un modelo en esta máquina, de otra familia que los de arriba. Vacío: JUEZ, en un SERVICIO que hable el
# protocolo de OpenAI.
JUEZ_LOCAL = "HuggingFaceTB/SmolLM3-3B"
JUEZ = "gpt-4.1-mini"
SERVICIO = "https://api.openai.com/v1"
REPETICIONES = 3
# Notas de personas (lo que escribió `h4rmony evaluate collect`). Vacío: se inventan, para enseñar el cálculo.
PERSONAS_ANTES = ""
PERSONAS_DESPUES = ""
# Cuántos enunciados contesta cada modelo, y con cuántos tokens como mucho cada uno.
LIMITE = 20
LARGO = 256

# %% [markdown]
# ## Instalación

# %% tags=["install"]
PAQUETES = ["h4rmony-es[models,eval,report]"]
MODULOS = ["exports", "lm_eval", "matplotlib", "openai", "peft", "scipy", "transformers"]

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
# ## La revisión
#
# Cada enunciado tiene varias respuestas que unas personas ordenaron. Para medir se usan todos; si el modelo se
# entrenó con parte de ellos, mide solo los que se apartaron (en `h4rmony export`, el mismo `--test-share` que
# entonces, y `split="test"`).

# %% tags=["review"]
import os
from getpass import getpass
from pathlib import Path

import pandas as pd

from exports import (
    AnswerSettings,
    GradeSettings,
    answer,
    compare,
    export,
    forest,
    grade,
    likelihood,
    merge,
    read_review,
    report_score,
    score,
    validate,
)
from workspace import samples

carpeta = REVISION or samples().review
fusion = merge(read_review(carpeta), test_share=1.0)
exportado = export(fusion, "datos", ["lm-eval"])
print(f"{len(fusion.review.records)} enunciados, {len(fusion.review.ballots)} votos.")

# %% [markdown]
# ## Sin juez: ¿qué respuesta le parece más probable?
#
# A cada modelo se le dan las dos respuestas de un par: ¿cuál le parece más probable, byte a byte? El azar es el 50 %.
# Al lado están quien solo mira cuál es más larga y un modelo igual con pesos al azar: por debajo de ellos no se ha
# medido nada. Calcula [lm-eval](https://github.com/EleutherAI/lm-evaluation-harness).

# %% tags=["likelihood"]
es_adaptador = bool(DESPUES) and (Path(DESPUES) / "adapter_config.json").is_file()
probable = {"antes": likelihood(ANTES, "datos", limit=LIMITE)}
if es_adaptador:
    probable["después"] = likelihood(
        ANTES, "datos", model_args={"peft": DESPUES}, reference=ANTES, limit=LIMITE, floor=False
    )
elif DESPUES:
    probable["después"] = likelihood(DESPUES, "datos", reference=ANTES, limit=LIMITE, floor=False)
tarea = "matched" if "matched" in probable["antes"].tasks else "pairs"  # pares de la misma longitud, si los hay
figuras = {f"{cuando}: la más probable": uno.tasks[tarea].scores["bytes"] for cuando, uno in probable.items()}
figuras |= {
    "la más larga": probable["antes"].tasks[tarea].longer,
    "pesos al azar": probable["antes"].tasks[tarea].floor,
}
print(
    {"matched": "Pares de la misma longitud.", "pairs": "Todos los pares: mira cuánto acierta «la más larga»."}[tarea]
)
forest(figuras, marks=[0.5])

# %% [markdown]
# Todas las cifras, con su intervalo del 95 % (`low` y `high`). `difference` es después menos antes, par a par.

# %% tags=["likelihood_table"]
cifras = pd.concat({cuando: uno.to_pandas() for cuando, uno in probable.items()}, names=["modelo", None])
cifras = cifras[cifras.name == ""].reset_index("modelo")
cifras[["modelo", "task", "figure", "value", "low", "high", "items", "records"]]

# %% [markdown]
# ## Que contesten los dos
#
# Los modelos reciben el enunciado desnudo. Lo que ya está en el archivo no se pide otra vez.

# %% tags=["answers"]
contesta = {"split": "all", "most": LIMITE, "max_tokens": LARGO, "home": "estado"}
despues = {"local": DESPUES} if DESPUES else {"local": ANTES, "role": "aware"}
respuestas = {
    "antes": answer(carpeta, "antes.jsonl", AnswerSettings(local=ANTES, **contesta)),
    "después": answer(carpeta, "despues.jsonl", AnswerSettings(**despues, **contesta)),
}
for contestado in respuestas.values():
    contestado.check_done()
lado_a_lado = pd.DataFrame(
    {cuando: {una.prompt: una.answer for una in contestado.answers} for cuando, contestado in respuestas.items()}
)
lado_a_lado.rename_axis("enunciado").head(5)

# %% [markdown]
# ## El juez
#
# El juez lee una rúbrica en español y pone nota: buena (100), regular (50) o mala (0), con su razón, varias veces y
# en distinto orden. También califica las respuestas de la revisión, cuyo orden se conoce: así se sabe cuánto acierta.

# %% tags=["judge"]
juez = {"local": JUEZ_LOCAL} if JUEZ_LOCAL else {"model": JUEZ, "base_url": SERVICIO}
if not JUEZ_LOCAL and "OPENAI_API_KEY" not in os.environ:
    os.environ["OPENAI_API_KEY"] = getpass(f"Clave de {SERVICIO}: ")
califica = GradeSettings(**juez, repeats=REPETICIONES, home="estado")
notas = {
    "antes": grade("antes.jsonl", "antes-notas.jsonl", califica),
    "después": grade("despues.jsonl", "despues-notas.jsonl", califica),
}
de_la_revision = GradeSettings(**juez, repeats=1, most=3 * LIMITE, home="estado")
notas["revisión"] = grade(output="revision-notas.jsonl", settings=de_la_revision, data=carpeta)
aviso = [uno for contado in notas.values() for uno in contado.warnings]
print(*dict.fromkeys(aviso), sep="\n")
pd.DataFrame({cuando: contado.to_json()["grades"] for cuando, contado in notas.items()})

# %% [markdown]
# ## Las notas de las personas
#
# `h4rmony evaluate sample` sortea respuestas y las lleva a Argilla; la gente las califica sin ver al juez; `h4rmony
# evaluate collect` las recoge. Aquí, si no se dan archivos, **se inventan**: parten de la nota del juez y bajan una
# de cada tres. Sirven para ver el cálculo, y no dicen nada de ningún modelo.


# %% tags=["people"]
def inventadas(cuando: str) -> pd.DataFrame:
    """Las notas de dos personas que no existen, sobre la mitad de las respuestas."""
    niveles = ["bad", "regular", "good"]
    filas = []
    for numero, nota in enumerate(una for una in notas[cuando].grades if una.repeat == 0 and una.grade):
        for persona in ("ana", "luis") if numero % 2 == 0 else ():
            baja = (numero // 2 + len(persona)) % 3 == 0
            nivel = niveles[max(0, niveles.index(nota.grade) - baja)]
            filas.append((nota.id, nota.language, nivel, persona, nota.model))
    return pd.DataFrame(filas, columns=["id", "language", "grade", "reviewer", "model"])


personas = {"antes": PERSONAS_ANTES or inventadas("antes"), "después": PERSONAS_DESPUES or inventadas("después")}
inventa = not (PERSONAS_ANTES and PERSONAS_DESPUES)
print("Notas INVENTADAS." if inventa else "Notas de personas.")

# %% [markdown]
# ## La ficha del juez: ¿cuánto acierta?
#
# Frente a las personas (`model`) y frente al orden de la revisión (`dataset`). `same` es la parte de notas iguales;
# `kappa` y `tau`, lo mismo más allá del azar (1 es del todo, 0 es el azar). Al lado está cuánto coinciden las
# personas entre sí: un juez no puede coincidir más.

# %% tags=["card"]
ficha = validate(
    "despues-notas.jsonl",
    people=personas["después"],
    ranked="revision-notas.jsonl",
    review=carpeta,
    answers="despues.jsonl",
    output="ficha-del-juez.json",
)
print("Sesgos:", *(ficha.named or ["ninguno que se haya podido ver"]), sep="\n- ")
tabla = ficha.to_pandas()
tabla.loc[tabla.scope == "all", ["answers", "graders", "measure", "value", "low", "high", "items", "reason"]]

# %% [markdown]
# ## La puntuación, y con qué método
#
# La evidencia decide el método: con notas de personas, **PPI++** (el intervalo vale sea como sea el juez); solo con
# la ficha, la **matriz** (vale si el juez se equivoca aquí como con la revisión); sin nada, **en bruto**: la opinión
# del juez.

# %% tags=["score"]
puntos = {
    "antes": score("antes-notas.jsonl", people=personas["antes"], records=carpeta),
    "después": score("despues-notas.jsonl", people=personas["después"], records=carpeta),
    "después, solo con la ficha": score("despues-notas.jsonl", card=ficha, records=carpeta),
    "después, en bruto": score("despues-notas.jsonl", records=carpeta),
}
pd.DataFrame(
    [
        (
            cuando,
            uno.method,
            uno.overall.score,
            uno.overall.low,
            uno.overall.high,
            uno.overall.prompts,
            uno.overall.note,
        )
        for cuando, uno in puntos.items()
    ],
    columns=["", "método", "puntos", "desde", "hasta", "enunciados", "nota"],
).round(1)

# %% tags=["score_picture"]
forest({cuando: uno.overall for cuando, uno in puntos.items()})

# %% [markdown]
# Por qué dudar de estas puntuaciones:

# %% tags=["doubts"]
print(*dict.fromkeys(duda for uno in puntos.values() for duda in uno.warnings_in("es")), sep="\n")

# %% [markdown]
# ## ¿Se distinguen los dos modelos?
#
# La diferencia se toma enunciado a enunciado, así que es más segura que restar dos puntuaciones. Si su intervalo
# contiene el 0, **no se distinguen**: no digas que uno es mejor.

# %% tags=["compare"]
comparado = compare(
    "despues-notas.jsonl",
    "antes-notas.jsonl",
    people=(personas["después"], personas["antes"]),
    records=carpeta,
)
diferencia = comparado.overall
if diferencia.difference is not None:
    entre = f"{diferencia.low:+.1f} a {diferencia.high:+.1f}"
    se_distinguen = "se distinguen" if diferencia.can_be_told_apart else "no se distinguen"
    print(f"Después menos antes: {diferencia.difference:+.1f} ({entre}): {se_distinguen}.")
print(f"Método: {comparado.method}; {diferencia.prompts} enunciados.", "Notas INVENTADAS." if inventa else "")
temas = {tema or "sin tema": una for tema, una in comparado.issues.items() if una.prompts > 1}
forest({**temas, "todos los temas": diferencia})

# %% [markdown]
# ## Una página para enseñarlo
#
# Se abre sin red, no nombra a nadie y trae las peores respuestas, para leerlas.

# %% tags=["page"]
pagina = report_score(
    "despues-notas.jsonl",
    "puntuacion.html",
    people=personas["después"],
    answers="despues.jsonl",
    card=ficha,
    records=carpeta,
    others=["antes-notas.jsonl"],
    other_people=[personas["antes"]],
    other_answers=["antes.jsonl"],
    likelihood=probable.get("después"),
    other_likelihoods=[probable["antes"]],
)
print(f"puntuacion.html: {pagina.score.overall}")

# %% [markdown]
# [Puntuar un modelo](https://github.com/somosnlp/h4rmony-es/blob/main/docs/how-to/evaluate.md) (en inglés) dice qué
# significa cada número, y cuántas notas de personas hacen falta.
