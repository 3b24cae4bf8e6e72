"""What readers are told, in their language: English in the code, the others in `catalogues/`.

`make texts` gathers the English sentences into the catalogues, where translators fill them in.
"""

from subscriptions.texts.language import ENGLISH, LANGUAGES, Language, known, language_of, preferred

__all__ = ["ENGLISH", "LANGUAGES", "Language", "known", "language_of", "preferred"]
