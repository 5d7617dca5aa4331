"""The words of the invented help desk: what a seed draws its departments and messages from.

Apart from `help_desk.py` because these are lists to read and extend, not code. Which
department a "spare form" or a "spare card" goes to is not here: each seed draws its own.
"""

# What a department deals with. No word stands in two of them.
DEPARTMENTS: dict[str, tuple[str, ...]] = {
    "billing": (
        *("invoice", "payment", "receipt", "fee", "discount", "statement", "deposit", "refund"),
        *("price", "reminder", "voucher", "tax"),
    ),
    "shipping": (
        *("parcel", "courier", "shipment", "pallet", "pickup", "crate", "label", "envelope"),
        *("container", "van", "warehouse", "package"),
    ),
    "computers": (
        *("laptop", "password", "printer", "network", "monitor", "software", "login", "server"),
        *("keyboard", "update", "mouse", "backup"),
    ),
    "personnel": (
        *("salary", "vacation", "contract", "training", "overtime", "pension", "shift", "bonus"),
        *("sick-leave", "interview", "promotion", "timesheet"),
    ),
    "building": (
        *("heating", "window", "lift", "door", "lamp", "roof", "carpet", "toilet", "parking"),
        *("staircase", "sink", "blinds"),
    ),
    "canteen": (
        *("lunch", "menu", "coffee", "soup", "breakfast", "tray", "dessert", "kitchen"),
        *("salad", "fridge", "snack", "teapot"),
    ),
    "travel": (
        *("flight", "hotel", "visa", "train", "passport", "taxi", "luggage", "itinerary"),
        *("seat", "airport", "ferry", "hire-car"),
    ),
    "legal": (
        *("licence", "patent", "clause", "lawsuit", "permit", "signature", "consent", "trademark"),
        *("warranty", "complaint", "liability", "lawyer"),
    ),
    "safety": (
        *("alarm", "helmet", "extinguisher", "fire-drill", "gloves", "goggles", "bandage"),
        *("first-aid", "sprinkler", "ladder", "smoke", "harness"),
    ),
    "publicity": (
        *("brochure", "logo", "poster", "campaign", "newsletter", "banner", "slogan", "website"),
        *("photo", "flyer", "trade-fair", "advert"),
    ),
}

# A paper is a kind and a thing: each seed draws which department a pair belongs to.
KINDS = (
    *("blue", "yellow", "annual", "temporary", "spare", "digital", "old", "monthly", "second"),
    *("general", "special", "urgent"),
)
PAPERS = (
    *("form", "card", "code", "list", "plan", "file", "pass", "report", "folder", "booklet"),
    *("notice", "survey"),
)

# {r} is what the writer wants something done about.
REQUESTS = (
    "please look at the {r}",
    "please do something about the {r}",
    "i need help with the {r}",
    "can somebody help me with the {r}",
    "my question is about the {r}",
    "this is about the {r}",
    "there is something wrong with the {r}",
    "i am still waiting for news of the {r}",
    "nobody has looked at the {r} yet",
    "the {r} is still not right",
    "the trouble with the {r} is not over",
    "what do i do about the {r}",
    "it is the {r} that worries me",
    "no answer so far about the {r}",
    "i cannot go on without the {r}",
)

# {d} is mentioned, and nothing is to be done about it.
MENTIONS = (
    "please do not look at the {d}",
    "please do nothing about the {d}",
    "i no longer need help with the {d}",
    "somebody helped me with the {d} already",
    "my question is not about the {d}",
    "this is not about the {d}",
    "there is nothing wrong with the {d}",
    "i am not waiting for news of the {d}",
    "{name} has looked at the {d} already",
    "the {d} is right again",
    "the trouble with the {d} is over",
    "do not worry about the {d}",
    "my {who} wrote to you about the {d}",
    "thank you for your answer about the {d}",
    "i can go on without the {d}",
)

# The one is asked for, the other is not, in either order.
CONTRASTS = (
    "i mean the {r} and not the {d}",
    "i mean not the {d} but the {r}",
    "you looked at the {d} but not at the {r}",
    "you looked for the {r} but only at the {d}",
    "it is the {r} rather than the {d}",
    "rather than the {d} it is the {r}",
    "forget the {d} and think of the {r}",
    "think of the {r} and forget the {d}",
    "the {d} is done but the {r} is not",
    "the {r} is not done but the {d} is",
)

# Two things are named, {r} first; a later sentence tells which of them is meant.
PAIRS = (
    "i wrote to you about the {r} and the {d}",
    "{name} told you of the {r} and the {d}",
    "on my list there are the {r} and the {d}",
    "my {who} spoke of the {r} and the {d}",
)
ONLY_FIRST = (
    "the first of them is still open",
    "the second of them is settled",
    "only the former is left",
    "the latter you can forget",
)
ONLY_SECOND = (
    "the second of them is still open",
    "the first of them is settled",
    "only the latter is left",
    "the former you can forget",
)

FILLERS = (
    "good morning from {place}",
    "i work in {place} with {name}",
    "{name} gave me this address",
    "i tried to call you on {day}",
    "you can reach me from {day} on",
    "i have been here since {month}",
    "there are {number} of us in the office",
    "my {who} says you are quick",
    "i wrote to {name} in {month} as well",
    "thank you and see you on {day}",
    "best wishes from {name} in {place}",
    "this is the {nth} time i write",
)
ORDINALS = ("second", "third", "fourth", "fifth", "sixth", "tenth")
