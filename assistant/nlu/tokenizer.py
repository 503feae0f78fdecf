"""Tokenizer for Chinese without a word list: one token per character, one per run of Latin letters and digits."""

import re
from typing import Any, Dict, List, Text

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

# A token is never part of a word of another script, so every entity border of Chinese text is a token border.
_TOKEN = re.compile(r"[A-Za-z0-9]+|[^\sA-Za-z0-9]")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class CharTokenizer(Tokenizer):
    """Splits 补办身份证要20元 into 补 办 身 份 证 要 20 元; offsets are those of the message text."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Rasa's tokenizer options; intents are not split."""
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    def tokenize(self, message: Message, attribute: Text) -> List[Token]:
        """Tokens of one attribute; text without any token gives an empty list."""
        text = message.get(attribute) or ""
        return [Token(m.group(), m.start()) for m in _TOKEN.finditer(text)]
