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
# # 5. Ajustar un modelo con DPO
#
# [![Abrir en Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/somosnlp/h4rmony-es/blob/main/notebooks/05_ajustar_con_dpo.ipynb)
#
# De los pares revisados a un modelo que los prefiere, con [TRL](https://huggingface.co/docs/trl) y un adaptador
# LoRA. Solo hacen falta los archivos Parquet de `h4rmony export`, o el conjunto que publicó `h4rmony publish`;
# Argilla, no. Tal como viene, funciona con la revisión de muestra en una T4 gratuita de Colab (**Entorno de
# ejecución > Cambiar tipo de entorno**).
#
# El código que entrena es el de TRL y está a la vista, para que lo cambies. Con los mismos ajustes da los mismos
# pesos que `h4rmony train`.

# %% [markdown]
# ## Parámetros

# %% tags=["parameters"]
# La carpeta que escribió `h4rmony export`, o un conjunto del Hub, como "somosnlp/h4rmony-es".
# Vacío: la revisión de muestra.
DATOS = ""
# Cualquier modelo causal, tenga o no plantilla de chat: del Hub ("equipo/modelo", con @REVISION si hace falta), o una
# carpeta.
MODELO = "Qwen/Qwen3-0.6B"
# "dpo", "ipo", "kto", "orpo", "sft" o "sft+dpo".
PERDIDA = "dpo"
# Ajustes con los nombres de TRL: num_train_epochs, max_steps, learning_rate, beta, max_length, lora_r...
AJUSTES = {"num_train_epochs": 3}
SEMILLA = 42
# Dónde se guarda el adaptador; y si además se guarda el modelo con el adaptador ya fusionado.
CARPETA = "modelo"
FUSIONAR = True
# Cuántos enunciados se responden antes y después, y con cuántos tokens como mucho.
EJEMPLOS = 4
LARGO = 150
# Qué se mide de lo que costó: "full" (todo), "quick" (sin generar respuestas) o "none" (nada).
COSTE = "full"
# El repositorio del Hub al que se sube el adaptador, como "equipo/mi-modelo". Vacío: no se sube nada.
REPOSITORIO = ""
PRIVADO = True

# %% [markdown]
# ## Instalación
#
# El paquete del proyecto con lo que entrena (TRL, peft) y lo que mide (lm-eval). Torch se queda en la versión que
# haya.

# %% tags=["install"]
PAQUETES = ["h4rmony-es[train,eval]", "matplotlib"]
MODULOS = ["exports", "trl", "peft", "lm_eval", "matplotlib"]

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
# ## Los datos
#
# `DATOS` tiene una carpeta por formato, y cada una un `train.parquet` y un `test.parquet`. Ningún enunciado está en
# los dos lados. El enunciado (`prompt`) tiene su propia columna y **no** se repite al comienzo de las respuestas:
# TRL los une con la plantilla de chat del modelo.
#
# | `PERDIDA` | lee | aprende |
# |---|---|---|
# | `dpo` | `dpo` | a preferir la respuesta elegida, sin alejarse del modelo de partida |
# | `ipo` | `dpo` | lo mismo, con freno cuando los pares son pocos y claros |
# | `kto` | `kto` | de respuestas buenas y malas que no forman pares |
# | `orpo` | `orpo` | a escribir la elegida y a preferirla, sin modelo de referencia |
# | `sft` | `sft` | a escribir la mejor respuesta |
# | `sft+dpo` | `sft` y `dpo` | primero `sft`; después `dpo` con el mismo adaptador |

# %%
from exports import export, merge, read_review
from workspace import samples

datos = DATOS
if not datos:
    datos = "datos"
    muestra = merge(read_review(samples().review), test_share=0.2)
    export(muestra, datos, ["dpo", "kto", "orpo", "sft"])
    print("La revisión de muestra es pequeña: sirve para ver el camino, no para que el modelo mejore.")

# %% [markdown]
# ## El plan
#
# `plan_training` mira los datos, el modelo y la máquina, y decide lo que se equivoca con facilidad; todavía no carga
# nada:
#
# - **Los números**: bf16 en tarjetas Ampere o más nuevas, fp16 en las anteriores (la T4), 32 bits en una CPU.
# - **La tasa de aprendizaje**: diez veces la de TRL, porque LoRA entrena pocos pesos.
# - **El lote**: acumulado hasta 8; con KTO, nunca de una sola fila.
# - **La plantilla de chat**: la del modelo; si no tiene, una sencilla (enunciado, línea en blanco, respuesta, fin).
#
# Lo que pongas en `AJUSTES` manda sobre todo esto.

# %% tags=["plan"]
import pandas as pd

from exports import plan_training

plan = plan_training(datos, MODELO, loss=PERDIDA, config=AJUSTES, seed=SEMILLA)
tokenizador = plan.base.tokenizer

print(f"{plan.base.found.name}: {plan.base.parameters:,} pesos, en {plan.machine.name} con {plan.loading['dtype']}")
if plan.base.plain:
    print("El modelo no tiene plantilla de chat; se le pone una sencilla, que se guarda con el adaptador.")
for etapa in plan.loss.stages:
    entreno, prueba = (plan.rows(etapa, lado) for lado in ("train", "test"))
    print(f"{etapa.name}: {len(entreno)} filas para entrenar, {len(prueba) if prueba else 'ninguna'} de prueba")
    if not prueba:
        print("  Sin filas de prueba no se sabrá cómo va con enunciados nuevos: exporta con un --test-share mayor.")
pd.DataFrame({nombre: pd.Series(ajustes, dtype=object) for nombre, ajustes in plan.options.items()})

# %% [markdown]
# Una fila, tal como la lee TRL:

# %%
entreno[0]

# %% [markdown]
# ## Antes de entrenar
#
# Los mismos enunciados se responden ahora y al final: los de prueba, que el modelo no verá mientras se entrena.
# Siempre se toma el token más probable, así que lo que cambie se debe al entrenamiento y no al azar.

# %% tags=["antes"]
import torch

modelo = plan.load_model().to("cuda" if torch.cuda.is_available() else "cpu")


def responde(modelo, mensajes):
    opciones = {"add_generation_prompt": True, "return_dict": True, "return_tensors": "pt", "enable_thinking": False}
    entrada = tokenizador.apply_chat_template(mensajes, **opciones).to(modelo.device)
    modelo.eval()
    with torch.inference_mode():
        salida = modelo.generate(
            input_ids=entrada["input_ids"],
            attention_mask=entrada["attention_mask"],
            max_new_tokens=LARGO,
            do_sample=False,
            pad_token_id=tokenizador.pad_token_id,
        )
    return tokenizador.decode(salida[0, entrada["input_ids"].shape[1] :], skip_special_tokens=True).strip()


def lado_a_lado(**columnas):
    return pd.DataFrame(columnas).style.set_properties(**{"text-align": "left", "white-space": "pre-wrap"})


if not prueba:
    print("No hay enunciados de prueba: estos son de los que se usan para entrenar, y el «después» dirá menos.")
preguntas = {fila["prompt"][-1]["content"]: fila["prompt"] for fila in prueba or entreno}  # cada una, una vez
preguntas = dict(list(preguntas.items())[:EJEMPLOS])
antes = [responde(modelo, mensajes) for mensajes in preguntas.values()]
lado_a_lado(enunciado=list(preguntas), antes=antes)

# %% [markdown]
# ## Entrenar
#
# Aquí está TRL sin intermediarios: cámbialo. Dos cosas que conviene saber:
#
# - **Un solo modelo en memoria.** DPO compara con un modelo de referencia; con LoRA, la referencia es el mismo
#   modelo con el adaptador apagado. No hace falta cargar una segunda copia (`ref_model`).
# - **El conjunto de prueba no entrena**: TRL solo calcula con él su pérdida al final de cada época.

# %% tags=["train"]
entrenadores = {}
for etapa in plan.loss.stages:  # una, o dos con sft+dpo
    Config, Trainer = etapa.classes()  # por ejemplo, trl.DPOConfig y trl.DPOTrainer
    entrenador = Trainer(
        model=modelo,
        args=Config(output_dir=f"pasos/{etapa.name}", **plan.options[etapa.name]),
        train_dataset=plan.rows(etapa, "train"),
        eval_dataset=plan.rows(etapa, "test"),
        processing_class=tokenizador,
        peft_config=None if entrenadores else plan.lora(),  # la segunda etapa sigue con el adaptador de la primera
    )
    pesos = sum(peso.numel() for peso in entrenador.model.parameters() if peso.requires_grad)
    print(f"{Trainer.__name__}: se entrenan {pesos:,} pesos")
    entrenador.train()
    entrenadores[etapa.name] = entrenador
    modelo = entrenador.model

# %% [markdown]
# ### Las curvas
#
# El **margen** es cuánto más se alejó del modelo de partida la respuesta elegida que la rechazada; el **acierto**,
# en qué parte de los pares ese margen es positivo. Son las cifras de TRL: sirven para ver si aprende (suben) o si
# memoriza (suben en el entrenamiento y bajan en la prueba). Para publicar vale la cifra de la sección siguiente: TRL
# cuenta los empates como fallos y juzga IPO por sumas, aunque su pérdida va por token.

# %% tags=["curvas"]
import matplotlib.pyplot as plt

CURVAS = {"loss": "pérdida", "rewards/margins": "margen", "rewards/accuracies": "acierto"}

for nombre, entrenador in entrenadores.items():
    registro = pd.DataFrame(entrenador.state.log_history)
    hay = [curva for curva in CURVAS if curva in registro or f"eval_{curva}" in registro]
    figura, ejes = plt.subplots(1, len(hay), figsize=(4 * len(hay), 2.8), squeeze=False, layout="constrained")
    for eje, curva in zip(ejes[0], hay, strict=True):
        for columna, rotulo in ((curva, "entrenamiento"), (f"eval_{curva}", "prueba")):
            if columna in registro:
                puntos = registro[["step", columna]].dropna()
                eje.plot(puntos["step"], puntos[columna], marker="o", label=rotulo)
        eje.set(title=f"{nombre}: {CURVAS[curva]}", xlabel="paso")
        eje.legend()
    plt.show()

# %% [markdown]
# ## ¿Ordena bien los pares de prueba?
#
# `finish_training` compara las dos respuestas de cada par de prueba con la medida que corresponde a la pérdida; un
# empate cuenta la mitad. Después guarda el adaptador con su tokenizador, la ficha del modelo (`README.md`) y
# `training.json`, con las versiones, los ajustes y las huellas de los archivos. El intervalo va por enunciados,
# porque los pares de uno mismo no son independientes.

# %% tags=["medida"]
from exports import finish_training

MEDIDAS = {
    "log_ratio": "cuánto más probable se hizo la respuesta, en total",
    "mean_log_ratio": "cuánto más probable se hizo la respuesta, por token",
    "mean_likelihood": "lo probable que es la respuesta, por token",
}

hecho = finish_training(entrenadores, plan, CARPETA, merge=FUSIONAR, costs=COSTE)
medido = hecho.report["held_out"]
if medido is None:
    print("No hay pares de prueba, así que no se ha medido nada con enunciados nuevos. La ficha del modelo lo dice.")
else:
    margen = f"entre {medido['low']:.0%} y {medido['high']:.0%}" if medido["low"] is not None else "sin intervalo"
    print(f"Ordena bien el {medido['accuracy']:.0%} de los pares ({margen}; al azar, 50%).")
    print(f"Son {medido['pairs']} pares de {medido['prompts']} enunciados. Se compara {MEDIDAS[medido['measure']]}.")
    print(f"La elegida era la más probable en el {medido['likelihood_before']:.0%} de los pares;", end=" ")
    print(f"ahora, en el {medido['likelihood']:.0%}.")
    if medido["prompts"] < 100:
        print("Con menos de cien enunciados de prueba, esto dice poco: no concluyas que el modelo mejoró.")

# %% [markdown]
# ## Antes y después
#
# Ordenar bien los pares no es escribir bien. Lee las respuestas.

# %% tags=["despues"]
despues = [responde(modelo, mensajes) for mensajes in preguntas.values()]
lado_a_lado(enunciado=list(preguntas), antes=antes, después=despues)

# %% [markdown]
# ## Lo que costó
#
# Un modelo que aprende algo puede perder otra cosa. `finish_training` comparó también el modelo ajustado con el de
# partida sobre los mismos textos, con lm-eval: lo natural que le parece el español corriente, si sigue prefiriendo
# las respuestas que cuidan de las personas y, con `COSTE = "full"`, si ahora rechaza preguntas inocentes y cuánto se
# alargan sus respuestas. Cada diferencia lleva su intervalo: si incluye el cero, no se puede decir que algo
# cambiara. Con tan pocos textos se ve un daño grande, no uno pequeño.

# %% tags=["coste"]
from IPython.display import display

COSTES = {
    "ordinary": "español corriente: bits por byte (menos es mejor)",
    "welfare": "prefiere la respuesta que cuida de las personas: parte de las preguntas (más es mejor)",
    "welfare_margin": "por cuánto la prefiere: bits por byte (más es mejor)",
    "refusals": "rechaza o esquiva preguntas inocentes: parte de ellas (menos es mejor)",
    "length": "longitud de las respuestas: bytes (ni mejor ni peor)",
}
NOMBRES = {"base": "antes", "trained": "después", "difference": "diferencia", "n": "textos"}
NOMBRES |= {"difference_low": "de", "difference_high": "a"}

if hecho.costs is None:
    print("No se midió lo que costó:", hecho.report.get("costs_problem") or "COSTE está en «none».")
else:
    tabla = hecho.costs.to_pandas().rename(columns=NOMBRES)
    tabla["qué se mide"] = tabla["cost"].map(COSTES)
    tabla["empeoró"] = tabla["worse"].map({True: "sí", False: "no: mejoró"}).fillna("no se ve")
    columnas = ["qué se mide", "antes", "después", "diferencia", "de", "a", "empeoró", "textos"]
    display(tabla[columnas].style.hide(axis="index").format(precision=3))
    if hecho.costs.answers:
        respuestas = hecho.costs.answers_to_pandas().head(EJEMPLOS)
        display(lado_a_lado(pregunta=respuestas["prompt"], antes=respuestas["base"], después=respuestas["trained"]))

# %% [markdown]
# ## La ficha y el repositorio
#
# La ficha nombra el modelo de partida, los datos, las licencias de ambos, los ajustes y la cifra de arriba; las dos
# licencias siguen valiendo para el modelo nuevo. Léela antes de publicar.
#
# Solo se sube algo si `REPOSITORIO` tiene un nombre: el modelo fusionado si lo hay, y si no el adaptador. Antes
# entra en el Hub con `hf auth login`, o guarda `HF_TOKEN` en los secretos de Colab (la llave de la izquierda). La
# clave no se escribe en el cuaderno ni se muestra nunca. Un repositorio que ya existe no se toca; para reemplazarlo,
# añade `yes=True`.

# %% tags=["ficha"]
from pathlib import Path

from IPython.display import Markdown

Markdown((Path(CARPETA) / "README.md").read_text("utf-8").split("---\n", 2)[2])

# %% tags=["subir"]
from exports import publish_model

if REPOSITORIO:
    subido = publish_model(CARPETA, REPOSITORIO, merged=FUSIONAR, private=PRIVADO)
    print(f"Subido a {subido.pushed.url}: {', '.join(subido.files)}")
else:
    print("REPOSITORIO está vacío: no se subió nada.")

# %% [markdown]
# ## Y ahora
#
# - **Usarlo**: `AutoModelForCausalLM.from_pretrained("modelo/merged")`, o el adaptador con
#   `peft.AutoPeftModelForCausalLM.from_pretrained("modelo")`.
# - **Puntuarlo**: un juez, corregido con las notas de personas, dice si sus respuestas son mejores (`h4rmony
#   evaluate`).
# - **Entrenar durante horas**: `h4rmony train` guarda puntos de control y sigue donde se cortó (`--resume`).
# - **Más datos**: con unas decenas de enunciados no se puede saber si un modelo mejoró. Revisen más y vuelvan aquí.
