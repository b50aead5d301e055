"""How well a text fits what somebody typed from memory."""

from __future__ import annotations

_WHOLE, _WORD_START, _IN_WORD, _IN_ROW, _ANYWHERE = 200.0, 12.0, 10.0, 6.0, 1.0


def match(typed: str, text: str) -> float:
    """Return how well a text fits, larger is better; 0 when it does not.

    Each typed word must be in the text: as it is, best at the beginning of a word, or letter by
    letter in this order.
    """
    low = text.casefold()
    scores = [_match_word(word, low) for word in typed.casefold().split()]
    return sum(scores) if scores and min(scores) > 0 else 0.0


def _match_word(word: str, text: str) -> float:
    at = text.find(word)
    starts = at
    while starts > 0 and text[starts - 1].isalnum():
        starts = text.find(word, starts + 1)
    if starts >= 0:
        return _WHOLE + _WORD_START * len(word)
    if at >= 0:
        return _IN_WORD * len(word)
    return _match_letters(word, text)


def _match_letters(word: str, text: str) -> float:
    """Take each letter where it begins a word if it does so later on, else where it comes next."""
    score, at = 0.0, -1
    for index, letter in enumerate(word):
        following = text.find(letter, at + 1)
        if following < 0:
            return 0.0
        start = _word_start(text, letter, at + 1)
        if following == at + 1 and at >= 0:
            score += _IN_ROW
        elif start >= 0 and _fits(word[index + 1 :], text, start):
            following, score = start, score + _WORD_START
        else:
            score += _ANYWHERE
        at = following
    # Letters strewn over a long text mean nothing.
    return score if score >= 3.0 * len(word) else 0.0


def _word_start(text: str, letter: str, begin: int) -> int:
    at = text.find(letter, begin)
    while at > 0 and text[at - 1].isalnum():
        at = text.find(letter, at + 1)
    return at


def _fits(rest: str, text: str, at: int) -> bool:
    """Whether the rest of a word can still be found behind a place."""
    for following in rest:
        at = text.find(following, at + 1)
        if at < 0:
            return False
    return True
