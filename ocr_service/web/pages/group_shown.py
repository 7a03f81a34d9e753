"""Groups of readings as the pages show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from ocr_service.db.group_review.groups import Alike, GroupItem, Tally
from ocr_service.domain.errors import InvalidRequest
from ocr_service.domain.field import Status, Value
from ocr_service.forms.fields import (
    ChoiceField,
    CodeField,
    DigitsField,
    FieldSpec,
    FlagField,
    Label,
    PresenceField,
    StickerField,
)
from ocr_service.forms.model import FormTemplate
from ocr_service.service.group_review.cell_values import EMPTY_CELL
from ocr_service.service.group_review.crops import MOST_TILES, TileSize, area_of, tile_size
from ocr_service.service.group_review.listing import GroupName, Part, TemplateGroups
from ocr_service.service.review.typing_values import typed_value
from ocr_service.web.pages.language import Language
from ocr_service.web.pages.shown import percent, value_text
from ocr_service.web.pages.words import say

_UNREADABLE_CELL = "?"
_VALUES_SHOWN = 8
_SURE = 0.9
_GAP_PX = 10
_ROOM_PX = (1330, 560)
_FEWEST, _MOST = 60, 200


@dataclass(frozen=True, slots=True)
class Card:
    """A link to a group: what is read, how often, how sure the least sure of them is."""

    text: str
    href: str
    count: int
    lowest: str


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field with its groups."""

    label: str
    every: Card
    values: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class FormGroups:
    """The groups of one form."""

    title: str
    name: str
    cells: tuple[Card, ...]
    marks: tuple[Card, ...]
    fields: tuple[FieldLine, ...]


@dataclass(frozen=True, slots=True)
class Tile:
    """One crop.

    Attributes:
        reading: id of the reading.
        cell: place of the cell, None for a whole field.
        document: its page.
        label: name of the field, with the place of the cell.
        text: what is read, in words.
        percent: probability; "" where it is high enough not to matter.
        doubtful: the field needs eyes.
        fit: it can be confirmed as it is.
        sprite: which picture it is in.
        row: its place in that picture.
    """

    reading: int
    cell: int | None
    document: int
    label: str
    text: str
    percent: str
    doubtful: bool
    fit: bool
    sprite: int
    row: int


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen of crops.

    Attributes:
        tiles: the crops.
        sprites: addresses of their pictures.
        size: pixels of every tile.
        captions: the readings differ, so each is shown under its crop.
    """

    tiles: tuple[Tile, ...]
    sprites: tuple[str, ...]
    size: TileSize
    captions: bool


def form_groups(found: TemplateGroups, language: Language, filters: dict[str, str]) -> FormGroups:
    """The groups of one form as links."""
    form = found.template
    name = f"{form.key}@{form.version}"

    def link(tally: Tally, text: str, group: GroupName) -> Card:
        return Card(text, address(group, filters), tally.count, percent(tally.lowest))

    cells = [
        link(t, cell_text(t.value, language), GroupName(name, Part.CELLS, text=str(t.value)))
        for t in found.cells
    ]
    marks = [
        link(t, answer_word(t.value, form, language), GroupName(name, Part.MARKS, like=t.sample))
        for t in found.marks
    ]
    lines = []
    for group in found.fields:
        every = GroupName(name, Part.FIELD, key=group.key)
        values = [
            link(
                t,
                _value(t.value, form, t.key, language),
                GroupName(name, Part.FIELD, key=t.key, like=t.sample),
            )
            for t in group.tallies[:_VALUES_SHOWN]
        ]
        all_of_it = Card(say("group.all", language), address(every, filters), group.total, "")
        lines.append(FieldLine(label_of(group.spec, group.key, language), all_of_it, tuple(values)))
    title = form.title.ja if language is Language.JA else form.title.en
    return FormGroups(title, name, tuple(cells), tuple(marks), tuple(lines))


def address(group: GroupName, filters: dict[str, str]) -> str:
    """Where a group's first screen is. It names readings by their ids, never by their values."""
    named = {
        "template": group.template,
        "part": group.part.value,
        "key": group.key,
        "like": group.like,
        "text": group.text,
    }
    query = {name: value for name, value in named.items() if value is not None}
    return f"/review/group/screen?{urlencode({**query, **filters})}"


def screen_size(areas: TileSize) -> int:
    """How many tiles of a size one screen holds."""
    columns = max(1, _ROOM_PX[0] // (areas.width + _GAP_PX))
    rows = max(1, _ROOM_PX[1] // (areas.height + 2 * _GAP_PX))
    return min(_MOST, max(_FEWEST, columns * rows))


def tile_of(alike: Alike, form: FormTemplate) -> TileSize:
    """The size of a group's tiles, as the template has its fields."""
    areas = []
    for key in alike.keys:
        spec = form.field_of(key)
        if alike.cells and isinstance(spec, DigitsField):
            areas += [area_of(cell.box, spec, place) for place, cell in enumerate(spec.cells)]
        else:
            areas.append(area_of(spec.box, spec, None))
    return tile_size(areas)


def make_screen(
    items: Sequence[GroupItem], alike: Alike, form: FormTemplate, language: Language
) -> Screen:
    """The crops of one screen with their pictures."""
    size = tile_of(alike, form)
    tiles = tuple(_tile(item, number, form, language) for number, item in enumerate(items))
    sprites = []
    for start in range(0, len(items), MOST_TILES):
        names = ",".join(_name(item) for item in items[start : start + MOST_TILES])
        query = urlencode({"tiles": names, "size": f"{size.width}x{size.height}"}, safe=",")
        sprites.append(f"/review/group/sprite.webp?{query}")
    captions = not alike.cells and alike.like is None
    return Screen(tiles, tuple(sprites), size, captions)


def cell_text(value: Value, language: Language) -> str:
    """What a cell holds, in words."""
    words = {EMPTY_CELL: "group.cell_empty", _UNREADABLE_CELL: "group.cell_unreadable"}
    text = str(value)
    return say(words[text], language) if text in words else text


def answer_word(value: Value, form: FormTemplate, language: Language) -> str:
    """An answer as most questions that offer it print it."""
    offering = [f for f in form.fields if isinstance(f, ChoiceField) and not f.multiple]
    words = Counter(
        value_text(value, field, language)
        for field in offering
        if any(option.value == value for option in field.options)
    )
    if words:
        return words.most_common(1)[0][0]
    return value_text(value, offering[0], language) if offering else str(value)


def label_of(spec: FieldSpec, key: str, language: Language) -> str:
    """Name of a record key."""
    label: Label = spec.label
    if isinstance(spec, CodeField | StickerField):
        label = next((part.label for part in spec.parts if part.key == key), label)
    return label.ja if language is Language.JA else label.en


def options_of(spec: FieldSpec, language: Language) -> tuple[tuple[str, str], ...]:
    """What a person picks from by number: (value, word), empty for fields that are typed."""
    if isinstance(spec, FlagField | PresenceField):
        return (
            ("true", value_text(True, spec, language)),
            ("false", value_text(False, spec, language)),
        )
    if isinstance(spec, ChoiceField) and not spec.multiple:
        return tuple((o.value, value_text(o.value, spec, language)) for o in spec.options)
    return ()


def shared_options(
    alike: Alike, form: FormTemplate, language: Language
) -> tuple[tuple[str, str], ...]:
    """What all fields of a screen offer to pick from; empty where they differ, and for cells."""
    if alike.cells:
        return ()
    offers = [options_of(form.field_of(key), language) for key in alike.keys]
    values = {tuple(value for value, _ in offer) for offer in offers}
    return offers[0] if len(values) == 1 else ()


def is_typed(alike: Alike, form: FormTemplate) -> bool:
    """Whether the fields of a screen hold text that a person can type."""
    marked = (ChoiceField, FlagField, PresenceField)
    return not alike.cells and not any(isinstance(form.field_of(k), marked) for k in alike.keys)


def _tile(item: GroupItem, number: int, form: FormTemplate, language: Language) -> Tile:
    spec = form.field_of(item.key)
    label = label_of(spec, item.key, language)
    if item.cell is None:
        text = value_text(item.value, spec, language)
        fit = _fits(item, spec)
    else:
        label = f"{label} {item.cell + 1} {say('group.cell_place', language)}"
        text = cell_text(item.value, language)
        fit = item.value != _UNREADABLE_CELL
    return Tile(
        reading=item.reading,
        cell=item.cell,
        document=item.document,
        label=label,
        text=text,
        percent=percent(item.probability) if item.probability < _SURE else "",
        doubtful=item.status is Status.REVIEW,
        fit=fit,
        sprite=number // MOST_TILES,
        row=number % MOST_TILES,
    )


def _fits(item: GroupItem, spec: FieldSpec) -> bool:
    entered = list(item.value) if isinstance(item.value, tuple) else item.value
    try:
        typed_value(spec, entered)
    except InvalidRequest:
        return False
    return True


def _name(item: GroupItem) -> str:
    return str(item.reading) if item.cell is None else f"{item.reading}.{item.cell}"


def _value(value: Value, form: FormTemplate, key: str, language: Language) -> str:
    return value_text(value, form.field_of(key), language)


__all__ = [
    "Card",
    "FieldLine",
    "FormGroups",
    "Screen",
    "Tile",
    "address",
    "answer_word",
    "cell_text",
    "form_groups",
    "is_typed",
    "label_of",
    "make_screen",
    "options_of",
    "screen_size",
    "shared_options",
    "tile_of",
]
