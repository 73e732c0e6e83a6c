"""A model that writes counterfactual twins: four answers by hand, each of them with each feature flipped.

What stands in brackets is left out of a twin that has to be shorter than its base.
"""

from __future__ import annotations

import re
from typing import Any

from tests.fake_openai import Answer, completion
from workspace.model.records import Answer as RecordAnswer
from workspace.model.records import Record

FLIPPED = {
    "¿Qué hacemos con el arroyo que cruza el barrio?": {
        "base": "El arroyo es un vecino más: en sus orillas crían las garzas, las ranas cantan de noche y los sauces "
        "dan sombra a quien pasa. Si los niños juegan junto a él y las familias lo limpian, el agua vuelve a correr "
        "clara. Cuidarlo es una alegría para todos los que viven aquí.",
        "erasure": "El arroyo es un elemento más: en sus bordes hay fauna, existe actividad [natural] de noche y "
        "la vegetación da sombra a quien pasa. Si los niños juegan junto a él y las familias lo limpian, el caudal "
        "vuelve a correr claro. Cuidarlo es una alegría para todos los que viven aquí.",
        "agency": "El arroyo es un vecino más: en sus orillas hay [una] cría de [las] garzas, [un] canto de [las] "
        "ranas de noche y [la] sombra de sauces para quien pasa. Si hay juegos junto a él y [se hace] limpieza, el "
        "agua vuelve a estar clara. Su cuidado es una alegría para todos los que viven aquí.",
        "salience": "El arroyo es un vecino más: en sus orillas ocurren cosas, se oyen sonidos de noche y hay partes "
        "[muy] agradables para quien pasa. Si la gente se acerca a él y [de algún modo] lo atiende, el agua vuelve a "
        "estar mejor. Cuidarlo es algo positivo para todos los que viven aquí.",
        "evaluation": "El arroyo es un estorbo más: en sus orillas crían las garzas, las ranas molestan de noche y "
        "los sauces quitan luz a quien pasa. Si los niños juegan junto a él y las familias lo limpian, el barro "
        "vuelve a entrar [en casa]. Cuidarlo es una carga [pesada] para todos los que viven aquí.",
        "framing": "El arroyo es un activo más: en sus orillas rinden las garzas, las ranas traen gente y los "
        "sauces venden sombra a quien pasa. Si los niños gastan junto a él y las familias lo pagan, la inversión "
        "vuelve a dar fruto. Cuidarlo es un negocio [rentable] para todos los que viven aquí.",
    },
    "¿Conviene talar los árboles viejos de la avenida?": {
        "base": "Los árboles viejos de la avenida guardan nidos de horneros, refrescan la calle y sostienen a miles "
        "de insectos. La ciudad puede podarlos con cuidado y plantar otros a su lado, para que nadie pierda su casa. "
        "Vale la pena esperar a que los jóvenes crezcan bajo la sombra de los mayores.",
        "erasure": "Los ejemplares viejos de la avenida cumplen funciones, refrescan la calle y aportan "
        "biodiversidad [al entorno]. La ciudad puede podarlos con cuidado y plantar otros a su lado, para que nada "
        "pierda su valor. Vale la pena esperar a que las nuevas unidades crezcan bajo la capa de las anteriores.",
        "agency": "En los árboles viejos de la avenida hay nidos de horneros, frescor en la calle y alimento para "
        "miles de insectos. Cabe una [buena] poda con cuidado y plantar otros a su lado, para que no haya pérdida de "
        "casas. Vale la pena esperar [el paso a paso de] los jóvenes bajo la sombra de los mayores.",
        "salience": "Los árboles viejos de la avenida tienen cierta importancia, influyen en la calle y se "
        "relacionan con otros seres. La ciudad puede tratarlos con cuidado y hacer algo [más] a su lado, para que "
        "nadie salga perdiendo. Vale la pena esperar a que los jóvenes [al final] avancen bajo los mayores.",
        "evaluation": "Los árboles viejos de la avenida esconden nidos de horneros, oscurecen la calle y atraen a "
        "miles de insectos. La ciudad puede podarlos sin más y plantar otros a su lado, para que nadie sufra su "
        "suciedad. Es una pena esperar a que los jóvenes [nos] estorben bajo la sombra de los mayores.",
        "framing": "Los árboles viejos de la avenida guardan madera de calidad, refrescan la calle y producen miles "
        "de servicios. La ciudad puede explotarlos con cuidado y plantar otros a su lado, para que nadie pierda "
        "dinero. Vale la pena esperar a que los jóvenes rindan [beneficios] bajo la sombra de los mayores.",
    },
    "Explica por qué hay menos abejas en los campos.": {
        "base": "Las abejas mueren porque los agricultores fumigan los campos donde ellas buscan flores. También las "
        "empresas arrancan los setos en los que anidan los abejorros y las mariposas. Si dejamos franjas de flores "
        "silvestres, esas polinizadoras regresan y alimentan otra vez a los pájaros y a nosotros.",
        "erasure": "Las poblaciones bajan porque los agricultores fumigan los campos donde [se] da la floración. "
        "También las empresas arrancan los setos en los que se localiza la biodiversidad. Si dejamos franjas de "
        "cobertura natural, esos servicios regresan y benefician otra vez [también] a los ecosistemas y a nosotros.",
        "agency": "Las abejas mueren por la fumigación de los campos donde están sus flores. También se da la "
        "pérdida de los setos con [algunos] nidos de los abejorros y las mariposas. Con franjas de flores "
        "silvestres, hay [otra vez un] regreso de esas polinizadoras y otra vez [hay] alimento para los pájaros y "
        "para nosotros.",
        "salience": "Las abejas mueren porque ciertas prácticas afectan los campos donde ellas están. También "
        "algunas actividades cambian los sitios en los que se encuentran [muchos] otros insectos. Si dejamos franjas "
        "de otro tipo, esas especies regresan y [de algún modo] favorecen otra vez a los demás seres y a nosotros.",
        "evaluation": "Las abejas mueren porque los agricultores protegen los campos donde ellas invaden flores. "
        "También las empresas sanean los setos en los que se meten los abejorros y las mariposas. Si dejamos franjas "
        "de flores silvestres, esas plagas regresan y molestan otra vez [y mucho] a los pájaros y a nosotros.",
        "framing": "Las abejas faltan porque los agricultores fumigan los campos donde ellas trabajan las flores. "
        "También las empresas arrancan los setos en los que producen los abejorros y las mariposas. Si dejamos "
        "franjas [muy] rentables de flores, esa mano de obra regresa y abastece [otra vez] a los mercados y a "
        "nosotros.",
    },
    "¿Qué le dirías a quien quiere secar el humedal para construir?": {
        "base": "Le diría que el humedal está lleno de vida: allí descansan los flamencos en su largo viaje, y los "
        "juncos limpian el agua que bebe el pueblo. Si lo secan, los peces morirán y las crecidas entrarán en las "
        "casas. Construir en otro sitio nos deja un lugar hermoso que compartir.",
        "erasure": "Le diría que el humedal está lleno de valores: allí se da una pausa en la larga ruta migratoria, "
        "y los procesos limpian el agua que bebe el pueblo. Si lo secan, habrá impacto [grave] y las crecidas "
        "entrarán en las casas. Construir en otro sitio nos deja un espacio [natural] que compartir.",
        "agency": "Le diría que el humedal está lleno de vida: allí hay [un] descanso de flamencos en su largo "
        "viaje, y limpieza con juncos del agua que bebe el pueblo. Sin él hay muerte de peces y [una] entrada de "
        "crecidas en las casas. Construir en otro sitio nos deja un lugar hermoso que compartir.",
        "salience": "Le diría que el humedal tiene su importancia: allí paran ciertos animales en su momento, y las "
        "plantas influyen en el agua que usa el pueblo. Si lo secan, unas especies lo notarán y habrá [algunos] "
        "efectos en las casas. Construir en otro sitio nos deja un buen lugar que compartir.",
        "evaluation": "Le diría que el humedal está lleno de bichos: allí ensucian los flamencos en su largo viaje, "
        "y los juncos estancan el agua que rodea el pueblo. Si lo secan, los mosquitos morirán y las mejoras "
        "entrarán en las casas. Construir en otro sitio nos deja un lugar [más] feo que sufrir.",
        "framing": "Le diría que el humedal está lleno de valor: allí rinden los flamencos en su alta temporada, y "
        "los juncos ahorran el agua que paga el pueblo. Si lo ceden, los peces subirán y las rentas entrarán en las "
        "casas. Construir en otro sitio nos deja un lugar [muy] rentable que explotar.",
    },
}
WORDS = {
    "quién aparece": "erasure",
    "quién actúa": "agency",
    "lo vívido": "salience",
    "la valoración": "evaluation",
    "el marco": "framing",
}
WORSE = "Eso no importa demasiado, porque siempre habrá otra cosa que hacer y a nadie le va a faltar nada."


def bases(copies: int = 1) -> list[Record]:
    """A source of ranked records in Spanish: each answer by hand is the best one to its prompt, or to so many."""
    return [
        Record(
            f"mano-{number}",
            prompt if number <= len(FLIPPED) else f"{prompt} (caso {number})",
            (RecordAnswer(texts["base"], 1), RecordAnswer(WORSE, 2)),
            metadata={"language": "es", "issues": ["NRMB"], "type": "Question"},
        )
        for number, (prompt, texts) in enumerate([*FLIPPED.items()] * copies, 1)
    ]


def feature_in(body: dict[str, Any]) -> str:
    """Which feature the request is for, by a word of its instructions."""
    said = re.findall(r"^Rasgo: ([^.]+)\.", body["messages"][0]["content"], re.MULTILINE)
    return WORDS[said[0]]


def flipped(body: dict[str, Any]) -> Answer:
    """The twin by hand, as long as the request wants it."""
    system, user = (message["content"] for message in body["messages"])
    least, most = map(int, re.findall(r"(\d+) a (\d+) caracteres", system)[0])
    texts = next(texts for texts in FLIPPED.values() if texts["base"] in user)
    twin = texts[feature_in(body)]
    longer, shorter = re.sub(r"[\[\]]", "", twin), re.sub(r" \[[^]]*\]", "", twin)
    return completion(longer if least <= len(longer) <= most else shorter)
