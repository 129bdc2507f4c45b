"""Invented children and invented words for the style guide, so that every component shows in every state."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from yaml import safe_load

from tutela.forms.definition import Form
from tutela.foundation.words import say

_LONG = "Wohngemeinschaftsunterbringungskoordinationsbesprechung"  # a word that has to break
_NAME = "نور الهدى"  # a name written from right to left, inside a page that is not


def context() -> dict[str, Any]:
    """Everything `pages/styleguide.html` shows."""
    return {
        "page_title": "Style guide",
        "levels": ["high", "medium", "low", "none", "died", ""],
        "dates": _dates(),
        "tasks": tasks(),
        "summary": summary(),
        "entries": entries(),
        "people": people(),
        "services": services(),
        "factors": factors(),
        "steps": steps(),
        "tabs": tabs(),
        "pages": {"number": 2, "total": 5, "previous": "#pager", "next": "#pager"},
        "table": {"caption": "Overdue, by child", "columns": ["Child", "What", "Due"], "rows": _table_rows()},
        "search": {"url": "#searching", "label": "Find a child", "hint": "A name, a phone number or a code"},
        "others": [{"words": "Save and come back", "url": "#buttons"}],
        "form": form(),
        "answers": answers(),
        "problems": problems(),
    }


def tasks() -> list[dict[str, Any]]:
    """Late, today, ahead, set aside, and one without a date."""
    today = timezone.localdate()
    return [
        {
            "title": say("Visit at home"),
            "due": today - timedelta(days=3),
            "why": say("The risk is high: two contacts are expected in every seven days."),
            "citation": "Inter-agency Guidelines 2024, §2.1.1.d",
            "url": "#tasks",
        },
        {
            "title": say("Finish the first assessment"),
            "due": today,
            "why": say("It is started with the child and finished before the day ends."),
            "citation": "Inter-agency Guidelines 2024, §2.1.1.d",
            "url": "#tasks",
            "action": say("Go on"),
        },
        {
            "title": say("Make the plan with {who}", who="the aunt"),
            "due": today + timedelta(days=2),
            "url": "#tasks",
        },
        {
            "title": say("Talk with the school"),
            "due": today + timedelta(days=16),
            "waiting": say("the road is closed until the water is down"),
            "url": "#tasks",
            "put_off_url": "#tasks",
        },
        {"title": say("Answer the urgent action"), "due": today, "theirs": True},
        {"title": f"{_LONG} ({_NAME})", "url": "#tasks"},
    ]


def services() -> list[dict[str, Any]]:
    """Fresh, stale, ended, and one with a safety concern."""
    today = timezone.localdate()
    one = {
        "name": "Sewing course",
        "organisation": "Hands at Work",
        "sector": "Livelihoods",
        "kind": "Livelihoods",
        "url": "#services", "areas": "River district", "ask": "#services",
    }  # fmt: skip
    concern = {"reason": "Children were asked to work for the place.", "since": today, "by": "Hana W."}
    stale = say("Last checked more than three months ago. Call first.")
    ended = say("The project ended on {day}. Ask before you send anybody.", day=today)
    return [
        one | {"fresh": say("Checked on {day}.", day=today), "state": "fresh"},
        one | {"fresh": stale, "state": "stale"},
        one | {"fresh": ended, "state": "ended"},
        one | {"fresh": stale, "state": "stale", "concern": concern},
    ]


def summary() -> list[dict[str, Any]]:
    """With and without a value, with a note, with an action."""
    return [
        {"label": "Age", "value": "About 9 years", "note": "Estimated by the aunt"},
        {"label": "Responsible caseworker", "value": "Hana W."},
        {
            "label": "Consent",
            "value": "Given for taking part and for keeping notes",
            "url": "#summary",
            "action": "See",
        },
        {"label": "School", "value": ""},
        {"label": _LONG, "value": _NAME},
    ]


def entries() -> list[dict[str, Any]]:
    """Plain, written late, corrected, confidential, closed to the reader."""
    now = timezone.now()
    return [
        {
            "kind": "Home visit",
            "happened": now - timedelta(hours=3),
            "by": "Hana W.",
            "lead": "Saw the child alone in the yard, then the aunt. He was at school on four days of five.",
            "parts": [
                {
                    "label": "What I saw and heard",
                    "text": "“The new bag is heavy.” He laughed twice.\nThe aunt cooks for six.",
                },
                {"label": "What I make of it", "text": "The household is calmer than two weeks ago."},
                {"label": "The caregiver's words", "text": ""},
            ],
            "url": "#entries",
            "action": "Correct",
        },
        {
            "kind": "Phone call",
            "happened": (now - timedelta(days=6)).date(),
            "by": "Hana W.",
            "written_late": "written 3 days later",
            "lead": f"{_NAME}: لا تتصلوا بعد المغرب من فضلكم.",
            "corrected": {
                "by": "Hana W.",
                "when": (now - timedelta(days=3)).date(),
                "why": "I had taken the number down wrongly.",
                "changes": [
                    {
                        "label": "Best time to call",
                        "before": "In the evening",
                        "after": "Between ten and noon",
                    }
                ],
            },
        },
        {
            "kind": "Initial assessment",
            "happened": (now - timedelta(days=9)).date(),
            "by": "Data entry 2",
            "done_by": "Hana W.",
            "confidential": True,
            "lead": "Two suspected threats, set against a caring aunt and a school nearby.",
        },
        {
            "kind": "Conversation",
            "happened": (now - timedelta(days=40)).date(),
            "by": "Omar T.",
            "confidential": True,
            "closed": True,
        },
    ]


def people() -> list[dict[str, Any]]:
    """The child, a caregiver, a person suspected of harm, somebody nobody asked about yet."""
    return [
        {
            "name": _NAME,
            "relation": "The child",
            "sex": "girl",
            "age": "9 years",
            "contacts": [
                {
                    "place": "The tailor's shop by the water point",
                    "rules": [
                        {"ok": True, "words": "Safe to visit"},
                        {"ok": False, "words": "No vehicle or logo"},
                    ],
                    "when": "Weekday mornings",
                    "say": "Say that you come about the reading class.",
                    "confirmed": timezone.localdate() - timedelta(days=12),
                }
            ],
        },
        {
            "name": "Amal S.",
            "relation": "Aunt, takes care of the child",
            "contacts": [
                {
                    "number": "+252 61 555 0102",
                    "callable": True,
                    "whose": "her own",
                    "rules": [
                        {"ok": True, "words": "Safe to call"},
                        {"ok": False, "words": "Never text"},
                        {"ok": True, "words": "Safe to visit"},
                    ],
                    "when": "Between ten and noon",
                    "answers": "Only she",
                    "confirmed": timezone.localdate() - timedelta(days=12),
                }
            ],
            "links": [
                {"words": "Ask for consent", "url": "#people"},
                {"words": "Write down a change", "url": "#people"},
            ],
        },
        {
            "name": "",
            "relation": "Neighbour",
            "marks": ["Person suspected of harm", "Must not be told"],
            "why": "The child named him; nothing is established.",
            "contacts": [
                {
                    "number": "+252 61 555 0199",
                    "rules": [{"ok": False, "words": "Never call"}],
                    "warning": "Do not reach the child through this person: see the safety mark.",
                }
            ],
        },
        {
            "name": "Teacher at the morning school",
            "relation": "Teacher",
            "contacts": [{"number": "+252 61 555 0117"}],
        },
    ]


def factors() -> list[dict[str, Any]]:
    """Three columns: with a confidential group, with named groups, and one that nobody has looked at yet."""
    return [
        {
            "title": "What endangers",
            "groups": [
                {"label": "", "items": ["Neglect", _LONG]},
                {"label": "Confidential", "items": ["It may happen · At home"], "confidential": True},
            ],
        },
        {"title": "What makes more vulnerable", "groups": [{"label": "The child", "items": ["Very young"]}]},
        {"title": "What protects", "groups": []},
    ]


def steps() -> list[dict[str, str]]:
    """A case in the middle of its way."""
    return [
        {"words": "Identification", "state": "done"},
        {"words": "Assessment", "state": "done"},
        {"words": "Plan", "state": "current"},
        {"words": "Implementation", "state": "ahead"},
        {"words": "Follow-up", "state": "ahead"},
        {"words": "Closure", "state": "ahead"},
    ]


def tabs() -> list[dict[str, Any]]:
    """The parts of a file."""
    words = ["Story", "Plan", "People", "Services", "Consent", "Documents", "Confidential", "Access"]
    return [
        {"words": word, "url": "#tabs", "current": word == "Story", "confidential": word == "Confidential"}
        for word in words
    ]


def form() -> Form:
    """A form with a question of every type."""
    return Form.model_validate(safe_load(_FORM))


def answers() -> dict[str, Any]:
    """Answers to it, of an invented child."""
    return {
        "name": _NAME,
        "age": "9",
        "phone": "+252 61 555 0102",
        "language": "so",
        "care": "aunt",
        "seen_alone": "yes",
        "concerns": ["neglect", "retired_code"],
        "neglect_what": "He eats once a day <so he says> & sleeps in the shop.\nThe aunt did not know.",
        "heard_on": "2026-11-19",
        "paper": ["0197b1a0-0000-7000-8000-000000000001"],
        "worry": "7",
        "objectives": [{"text": "Back at school by January", "horizon": "short"}, {"text": ""}],
    }


def problems() -> dict[str, Any]:
    """What is wrong with them."""
    return {
        "": say("Somebody else has written on this file meanwhile. Read what is new, then send this again."),
        "age": say("This is {number}; the largest possible is {most}.", number="99", most="17"),
        "seen_alone": say("This answer is needed."),
        "objectives.1.text": [say("This answer is needed.")],
    }


def _dates() -> list[Any]:
    today, now = timezone.localdate(), timezone.now()
    days: list[date] = [today + timedelta(days=days) for days in (-40, -3, 0, 1, 2, 30)]
    return [*days, now - timedelta(hours=2), now + timedelta(hours=5)]


def _table_rows() -> list[dict[str, Any]]:
    return [
        {"cells": ["A. (9 years)", "Home visit", "3 days late"], "url": "#table"},
        {"cells": [_LONG, "Review of the plan", "today"]},
        {"cells": [_NAME, "", "in 2 days"], "url": "#table"},
    ]


_FORM = """
code: example.everything
title: {en: One question of every kind, ar: سؤال من كل نوع}
intro: Leave empty what you do not know. Nobody has to answer everything at once.
sections:
- name: child
  label: {en: The child, ar: الطفل}
  questions:
  - {name: about, type: note, label: Explain first what happens with what is said here.}
  - name: name
    type: text
    label: {en: "What is the child called?", ar: ما اسم الطفل؟}
    hint: A nickname is enough
    max_length: 60
    required: true
  - {name: age, type: integer, label: Age in years, minimum: "0", maximum: "17"}
  - {name: arm, type: decimal, label: "Upper arm, in centimetres"}
  - {name: phone, type: phone, label: Phone number}
  - {name: place, type: place, label: "Where is the child usually?"}
  - name: stand_in
    type: colleague
    label: Who stands in
    options: [{code: hana, label: "Hana W. · 12 open cases"}, {code: omar, label: "Omar D. · 25 open cases"}]
  - name: language
    type: choice
    label: Language
    options:
    - {code: am, label: Amharic}
    - {code: ar, label: Arabic}
    - {code: bn, label: Bengali}
    - {code: en, label: English}
    - {code: es, label: Spanish}
    - {code: fr, label: French}
    - {code: so, label: Somali}
    - {code: sw, label: Swahili}
  - name: care
    type: choice
    label: Who takes care of the child?
    options:
    - {code: parents, label: With a parent}
    - {code: aunt, label: With another relative, hint: "Grandparents, aunts, older siblings"}
    - {code: alone, label: With nobody who is responsible}
    - {code: not_asked, label: Not asked}
  - {name: seen_alone, type: yes_no, label: "Did you see the child alone?", required: true}
- name: concerns
  label: What worries you
  hint: Suspected is enough. Do not question the child.
  questions:
  - name: concerns
    type: choices
    label: Concerns
    options:
    - {code: neglect, label: Neglect}
    - {code: work, label: Hazardous work}
    - {code: not_said, label: The child did not wish to say}
    - {code: retired_code, label: An option that is no longer offered, retired: true}
  - name: neglect_what
    type: long_text
    label: What did you see and hear?
    show_if: [selected, [q, concerns], neglect]
  - {name: heard_on, type: date, label: "When did you hear of it?", maximum: today}
  - {name: paper, type: photo, label: "Photo of a paper", hint: "Each page by itself."}
  - {name: said, type: audio, label: "Recording"}
  - {name: report, type: file, label: "Report"}
  - {name: signed, type: signature, label: "Signature"}
  - {name: heard_at, type: time, label: "At what time?"}
  - {name: back_on, type: datetime, label: "When do you go back?"}
  - {name: worry, type: range, label: "How worried are you?", minimum: "0", maximum: "10"}
  - name: walk
    type: range
    label: Minutes to walk
    minimum: "0"
    maximum: "240"
    check: ["<=", ["."], 200]
    check_words: Is it really that far?
  - {name: count, type: calculate, label: Concerns in all, calculation: [count-selected, [q, concerns]]}
- name: next
  label: What comes next
  questions:
  - name: objectives
    type: repeat
    label: Objectives
    questions:
    - {name: text, type: text, label: "What should change?", max_length: 200, required: true}
    - name: horizon
      type: choice
      label: By when?
      options:
      - {code: now, label: Now}
      - {code: short, label: In the coming weeks}
"""
