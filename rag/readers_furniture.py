"""Lines that belong to a page and not to its article: sharing, adverts, notices, credited captions.

A false mark hides evidence, so every rule wants the whole line to fit, and a caption must end in its credit.
"""

from __future__ import annotations

import re
from typing import Final

_LONGEST: Final = 700  # code points; longer blocks are never furniture by their words
_CAPTION_WORDS: Final = 45
_SENTENCE_END = re.compile(r"(?<![A-Z])(?<!\b[A-Z][a-z])(?<!\b[A-Z][a-z]{2})[.!?…][\"”’')\]]*\s+(?=[\"“‘(\[]?[A-Z])")

_NETWORK = (
    r"(?:facebook|twitter|x|instagram|whatsapp|telegram|linkedin|reddit|pinterest|youtube|tiktok|e-?mail|threads)"
)
_PAGE = r"(?:article|story|post|page|video|report)"
_CHROME = (
    # time to read, age
    r"\d{1,3}[- ]?(?:mins?|minutes?)[- ]read\.?|(?:estimated )?read(?:ing)? time:? \d{1,3} ?(?:mins?|minutes?)\.?",
    rf"this {_PAGE} is (?:over|more than|about) (?:\d+|one|two|three|four|five|ten) (?:years?|months?|days?) old\.?",
    # sharing, following, subscribing
    rf"share(?: this)?(?: {_PAGE})?(?:(?: on| via| with|,| and| or)? {_NETWORK})*\s*[:.!]?",
    rf"share this {_PAGE}\s*:.{{0,200}}",
    rf"(?:tweet|pin|like|print|e-?mail|save|bookmark)(?: (?:this|it)(?: {_PAGE})?)?",
    rf"(?:(?:share|tweet|print|save|{_NETWORK})(?:[\s|,/·•]+|\Z)){{2,}}",
    rf"(?:please )?(?:follow|like|find|join) us on {_NETWORK}\b.{{0,80}}",
    rf"follow (?:him|her|them|@?[\w.]+(?: [\w.]+){{0,4}}) on {_NETWORK}\b[^,]{{0,60}}",
    r"sign ?up (?:now |today |here )?(?:for|to) .{0,120}\b(?:newsletters?|updates|alerts|e-?mails?|inbox)\b.{0,60}",
    r"(?:get|receive) .{0,80}\b(?:in|to) your inbox\b.{0,40}",
    r"subscribe(?: (?:now|today|here|free))?[.!]?",
    r"subscribe (?:now |today )?(?:to|for) .{0,80}\b(?:newsletters?|channel|podcast|updates|access|feed|site)\b.{0,40}",
    r"subscribe to (?:our|the|my) .{0,60}",
    # other pages
    r"more from [^.!?]{1,50}",
    r"(?:read|see|watch|learn) more\s*[.…>»:→]*",
    r"(?:read more|read also|also read|see also|related|read next|up next|recommended)\s*:.{1,150}",
    r"(?:related|recommended|trending|popular|latest|more)(?: (?:articles?|stories|posts|news|topics|coverage|now))+:?",
    r"(?:most (?:read|popular|viewed|shared)|you (?:may|might) also like|trending|recommended|related)(?: now)?:?",
    r"continue reading\b.{0,60}|click (?:here|to) .{0,80}",
    # adverts
    r"[-–—\[(\s]*(?:advertisements?|advertising|advert|sponsored(?: content)?|promoted(?: content)?)[-–—\])\s]*",
    r"(?:story|article|report) continues (?:below|after)(?: (?:this |the )?(?:advertisement|advert|ad))?\.?",
    # navigation
    r"skip to (?:main |the )?(?:content|navigation)|back to top|main menu|toggle (?:navigation|menu|search)",
    r"home|menu|search|log ?in|sign ?in|sign ?up|register|close|contact(?: us)?|about us|next|previous|prev|comments?",
    r"(?:leave|post|add|write) a (?:comment|reply)|\d+ comments?",
    r"(?:show|view|load|hide)(?: all| more)? comments(?: \(\d+\))?",
    r"terms (?:of (?:use|service)|and conditions)|privacy policy|cookie (?:policy|settings|preferences)|accessibility",
    # notices
    r"(?:we|our (?:site|website|partners)|this (?:site|website|page)) (?:and our partners )?uses? cookies\b.{0,500}",
    r"by (?:continuing to (?:use|browse)|using) (?:this|our) (?:site|website)\b.{0,300}",
    r"(?:accept|reject|allow|manage)(?: all)? cookies|(?:accept|reject) all",
    r"(?:copyright\s*(?:©|\(c\)|\d{4})|©|\(c\)\s*\d{4}).{0,200}|all rights reserved\.?",
)
_CHROME_LINE = re.compile("|".join(f"(?:{rule})" for rule in _CHROME), re.IGNORECASE)
_COMMENTS = re.compile(
    r"(?:tell us|let us know|share your|leave|sound off|what do you think)\b[^.!?]{0,80}"
    r"\bcomments?\b[^.!?]{0,30}[.!?]*",
    re.IGNORECASE,
)
_MENU_WORDS = re.compile(
    r"home|news|world|sports?|business|politics|opinion|about(?: us)?|contact(?: us)?|login|menu", re.I
)

# A credit: names, agencies, and the small words between them.
_NAME = r"(?:[A-Z@][\w.’'@-]*|of|the|and|de|da|di|von|van|der|bin|al|el|via|for|in|\d{4})"
_CREDIT = rf"{_NAME}(?:[\s,/|&]+{_NAME}){{0,9}}"
_AGENCY = (
    r"(?:AP|AFP|EPA|Reuters|REUTERS|Getty(?: Images)?|Xinhua|TASS|Sputnik|Anadolu|Shutterstock|Alamy|iStock|Flickr)"
)
_PERSON = r"[A-Z][\w.’'-]+(?: [A-Z][\w.’'-]+){1,3}"
_PICTURE = (
    r"(?i:(?:(?:featured|cover|header|lead|file|stock) )?"
    r"(?:photo(?:graph)?|image|picture|screenshot|screengrab|illustration|graphic)s?)"
)
_END = r"[\s.)\]]*\Z"
_CREDITS = tuple(
    re.compile(rule)
    for rule in (
        # "Photo courtesy of X." and "[Image by X/Y]", as a sentence or in brackets
        rf"(?:\A|[.!?…][\"”’')\]]*\s+|[(\[|]\s*){_PICTURE}(?i: credits?)?\s(?i:by|via|courtesy(?: of)?):?\s+"
        rf"{_CREDIT}{_END}",
        # "photo: AP/X"
        rf"(?:\A|[.!?…,;|–—-][\"”’')\]]*\s*|[(\[]\s*)(?:{_PICTURE}(?i: credits?)?|(?i:credits?))\s*:\s*"
        rf"{_CREDIT}{_END}",
        # "(AP Photo/X)"
        rf"[(\[]\s*{_AGENCY}\s+(?i:photos?|images?)\b[^()\[\]]{{0,60}}[)\]]\.?\Z",
        # "(X Y/Agency)", "(Agency/X Y)": a person's name, for "(Reuters/AFP)" signs a report and not a picture
        rf"[(\[]\s*{_PERSON}\s*/\s*(?:[\w ]{{1,20}}/\s*)?{_AGENCY}(?: Images)?[)\]]\.?\Z",
        rf"[(\[]\s*{_AGENCY}(?: Images)?\s*/\s*{_PERSON}[)\]]\.?\Z",
        # the credit alone on its line
        rf"\A(?:{_AGENCY}(?: (?i:photo|images?))?\s*/\s*)?{_PERSON}\s*/\s*{_AGENCY}(?: Images)?\Z",
        rf"\A{_AGENCY} (?i:photo|images?)(?:\s*/\s*{_CREDIT})?\Z",
    )
)
_BYLINE = re.compile(r"(?:[Bb]y|BY) [A-Z][\w.’'-]+(?:,? (?:[A-Z][\w.’'-]*|and|in|of|for|de|al|bin|van|von|&|\|))*")
# A line that is one bracket from end to end is an editor's note on the article. Bracketed words in a quotation are not:
# "[The army] fled." has more after its bracket.
_EDITORS_NOTE = re.compile(r"\[[A-Z][^\[\]\n]{3,240}\]")
_MARKDOWN_IMAGE = re.compile(r"!\[[^\]\n]{0,400}\]\([^)\n]{0,400}\)")


def is_chrome(line: str) -> bool:
    """Whether the whole line is the site speaking and not the article."""
    words = " ".join(line.split())
    if not words or len(words) > _LONGEST:
        return False
    return not any(char.isalnum() for char in words) or bool(
        _EDITORS_NOTE.fullmatch(words)
        or _CHROME_LINE.fullmatch(words)
        or _MARKDOWN_IMAGE.fullmatch(words)
        or _is_menu(words)
        or _asks_for_comments(words)
    )


def is_caption(line: str) -> bool:
    """Whether the line ends in a picture's credit, with no more before it than a caption holds."""
    words = " ".join(line.split())
    if len(words) > _LONGEST:
        return False
    found = next((at for rule in _CREDITS if (at := rule.search(words))), None)
    if found is None:
        return False
    before = words[: found.start() + 1]
    return len(before.split()) <= _CAPTION_WORDS and len(_SENTENCE_END.findall(before)) <= 1


def is_byline(line: str) -> bool:
    """Whether the line is "By" and names, and nothing else."""
    return len(line.split()) <= 14 and bool(_BYLINE.fullmatch(" ".join(line.split())))


def _is_menu(words: str) -> bool:
    items = [item.strip() for item in re.split(r"[|›»•·]", words)]
    return len(items) >= 3 and all(len(i.split()) <= 3 for i in items) and any(_MENU_WORDS.fullmatch(i) for i in items)


def _asks_for_comments(words: str) -> bool:
    """Questions to the reader that end in a call for comments; one statement among them makes it an article's text."""
    sentences = re.split(r"(?<=[.!?])\s+", words)
    return bool(_COMMENTS.fullmatch(sentences[-1])) and all(s.endswith("?") for s in sentences[:-1])
