"""The one client to language models: any endpoint that speaks OpenAI's chat protocol, through the ``openai`` package.

>>> client = Chat(Endpoint.of(model="llama3", base_url="http://localhost:11434/v1"), budget=Budget(tokens=50_000))
>>> request = Request.of("Name a river.", schema=Schema("river", {"type": "object"}))

``client.ask(request, read_json)`` asks once, ``client.ask_all(questions)`` many times at once.
"""

from workspace.chat.asking import Answer, LanguageModel, Question
from workspace.chat.budget import Budget, Prices, Tokens, Usage
from workspace.chat.cache import ChatCache
from workspace.chat.client import Chat
from workspace.chat.requests import BadAnswer, Endpoint, Request, Schema, read_json, read_text, without_thoughts

__all__ = [
    "Answer",
    "BadAnswer",
    "Budget",
    "Chat",
    "ChatCache",
    "Endpoint",
    "LanguageModel",
    "Prices",
    "Question",
    "Request",
    "Schema",
    "Tokens",
    "Usage",
    "read_json",
    "read_text",
    "without_thoughts",
]
