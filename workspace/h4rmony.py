"""The columns of H4rmony and how they stand in a record's metadata.

H4rmony (neovalle/H4rmony, CC BY 4.0, doi 10.57967/hf/1148) is one table of pairs. Columns that this project knows
get a name in ``metadata``; all others keep their own.
"""

from __future__ import annotations

COLUMNS = (
    "Id", "PromptID", "Prompt", "BetterCompletion", "WorseCompletion", "Reward", "PWM", "CCEU", "NRMB", "WA", "SC",
    "CognitiveStructure", "Type", "Language", "PromptOriginator", "BetterCompletionOrigin",
    "WorseCompletionOrigin", "ComparedRanks", "Contributor", "Comments",
)  # fmt: skip
TEXT_COLUMNS = ("Prompt", "BetterCompletion", "WorseCompletion")
ISSUES = {
    "PWM": "Pollution and Waste Management",
    "CCEU": "Climate Change and Energy Use",
    "NRMB": "Natural Resource Management and Biodiversity",
    "WA": "Wildlife and Agriculture",
    "SC": "Societal Challenges",
}
# source column -> key in a record's metadata
METADATA_NAMES = {
    "PromptID": "prompt_id",
    "Reward": "reward",
    "CognitiveStructure": "cognitive_structure",
    "Type": "type",
    "Language": "language",
    "PromptOriginator": "prompt_originator",
    "Contributor": "contributor",
    "Comments": "comments",
}
SOURCE_NAMES = {key: column for column, key in METADATA_NAMES.items()}
