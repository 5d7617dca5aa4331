"""The words of the invented reviews: what a seed draws its small world from.

Apart from `reviews.py` because these are lists to read and extend, not code. Signs of
ambiguous words are not here: each seed draws its own.
"""

# Things that share a group share the meaning of an ambiguous word.
ASPECTS: dict[str, tuple[str, ...]] = {
    "machine": (
        *("engine", "motor", "pump", "fan", "charger", "printer", "scanner", "mixer"),
        *("drill", "gearbox"),
    ),
    "screen": (
        *("display", "menu", "interface", "app", "keyboard", "dashboard", "manual", "website"),
        *("remote", "dial"),
    ),
    "place": (
        *("room", "lobby", "garden", "terrace", "bathroom", "balcony", "courtyard", "hall"),
        *("pool", "corridor"),
    ),
    "food": (
        *("soup", "sauce", "dessert", "bread", "coffee", "salad", "stew", "pastry"),
        *("curry", "cheese"),
    ),
    "story": (
        *("plot", "dialogue", "ending", "script", "opening", "narrator", "finale", "chapter"),
        *("villain", "twist"),
    ),
    "service": (
        *("waiter", "delivery", "hotline", "driver", "guide", "refund", "checkout", "mechanic"),
        *("receptionist", "courier"),
    ),
    "fabric": (
        *("jacket", "blanket", "pillow", "sole", "lining", "strap", "mattress", "backpack"),
        *("tent", "scarf"),
    ),
}

POSITIVE = (
    *("superb", "excellent", "delightful", "wonderful", "reliable", "flawless", "brilliant"),
    *("charming", "impressive", "pleasant", "fantastic", "lovely", "perfect", "outstanding"),
    *("marvellous", "splendid", "helpful", "refreshing", "satisfying", "admirable", "great"),
    *("stunning", "enjoyable", "terrific", "remarkable", "convincing", "elegant", "first-rate"),
    *("exquisite", "thoughtful", "masterful", "praiseworthy", "magnificent", "good", "sublime"),
    *("adorable", "glorious", "exemplary", "fabulous", "inspired"),
)

NEGATIVE = (
    *("awful", "terrible", "dreadful", "horrible", "unreliable", "faulty", "disappointing"),
    *("shoddy", "pathetic", "unpleasant", "miserable", "ugly", "useless", "atrocious"),
    *("lousy", "appalling", "careless", "tiresome", "frustrating", "shameful", "bad"),
    *("hideous", "annoying", "abysmal", "mediocre", "clumsy", "wretched", "second-rate"),
    *("insulting", "thoughtless", "sloppy", "laughable", "ghastly", "poor", "deplorable"),
    *("irritating", "inferior", "worthless", "botched", "grim"),
)

AMBIGUOUS = (
    *("loud", "quiet", "cold", "hot", "heavy", "light", "long", "short", "simple", "complex"),
    *("soft", "hard", "small", "huge", "fast", "slow", "strange", "predictable", "dark"),
    *("bright", "sharp", "thick", "thin", "rich", "dry", "wild", "old", "new", "sticky", "bold"),
)

INTENSIFIERS = ("", "", "", "very", "really", "quite", "truly", "pretty", "utterly", "rather")

# {a} is an aspect, {x} an adjective with or without an intensifier.
PLAIN = (
    "the {a} is {x}",
    "the {a} was {x}",
    "i found the {a} {x}",
    "the {a} turned out {x}",
    "to me the {a} seems {x}",
    "you get a {x} {a}",
    "what a {x} {a}",
    "here is a {x} {a}",
    # Words of negation that negate nothing.
    "the {a} is nothing short of {x}",
    "nobody can deny that the {a} is {x}",
    "never before was a {a} this {x}",
    "no doubt about it the {a} is {x}",
    "not once was the {a} less than {x}",
)

FLIPPED = (
    "the {a} is not {x}",
    "the {a} was not {x}",
    "i did not find the {a} {x}",
    "the {a} is far from {x}",
    "the {a} is anything but {x}",
    "hardly a {x} {a}",
    "i would never call the {a} {x}",
    "this is no {x} {a}",
    "so much for a {x} {a}",
    "if only the {a} were {x}",
    "the {a} is no longer {x}",
    "nothing about the {a} is {x}",
    "the {a} used to be {x}",
)

# Somebody else's opinion, which says nothing of the writer's.
REPORTED = (
    "my {who} called the {a} {x}",
    "according to {name} the {a} is {x}",
    "the advert promised a {x} {a}",
    "{name} had told me of a {x} {a}",
    "some say the {a} is {x}",
    "my {who} expected a {x} {a}",
    "on the box it says {x} {a}",
)

# {m} is the clause that matters less, {b} the one that decides.
CONTRASTS = (
    "{m} but {b}",
    "although {m} {b}",
    "{b} even though {m}",
    "{m} and yet {b}",
    "granted {m} still {b}",
    "{b} never mind that {m}",
)

FILLERS = (
    "i bought it from {name} in {place}",
    "{name} and i went there in {month}",
    "we came from {place} by train",
    "it arrived on a {day} in a plain box",
    "my {who} paid for it",
    "i ordered {number} of them from {name}",
    "we stayed for {number} days in {place}",
    "the shop in {place} had {number} left",
    "i have owned it since {month}",
    "{name} of {place} made it",
    "i write this on a {day} morning",
    "my {who} has the same one at home",
)

RELATIVES = (
    *("sister", "brother", "uncle", "aunt", "neighbour", "boss", "friend", "cousin"),
    *("daughter", "son", "colleague", "landlord"),
)
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august"),
    *("september", "october", "november", "december"),
)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

ONSETS = (
    *("b", "br", "d", "dr", "f", "g", "gr", "h", "k", "kl", "l", "m", "n", "p", "r", "s"),
    *("st", "t", "tr", "v", "z"),
)
VOWELS = ("a", "e", "i", "o", "u", "ai", "ei", "ou")
CODAS = ("l", "m", "n", "r", "s", "t", "nd", "rk", "lm", "x")
