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
# De pares a enunciados, y de vuelta.

# %% [markdown]
# ## Parámetros

# %% tags=["parameters"]
# De dónde salen los pares: un archivo (CSV, TSV, JSON Lines, Parquet) o un conjunto del Hub, como "neovalle/H4rmony".
# Vacío: la muestra del proyecto.
ORIGEN = ""

# %% [markdown]
# ## Instalación
#
# `h4rmony-es`, sin extras.

# %% tags=["install"]
PAQUETES = ["h4rmony-es"]
MODULOS = ["loaders", "exports"]

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

# %%
from loaders import implode
from workspace import samples

origen = ORIGEN or samples().english
implosion = implode(origen)
implosion.to_pandas()
