"""The sentences of the invented appointments: what a seed writes its threads with.

Apart from `appointments.py` because these are lists to read and extend, not code. What a
"quiz day" is in the village is not here: each seed draws its own.
"""

# Names that a village gives to a day of its week.
NICKNAMES = (
    *("market", "choir", "bath", "bin", "quiz", "wash", "pie", "bingo", "soup", "post"),
    *("club", "fish", "film", "chess", "bread", "yoga", "ferry", "library"),
)

# {d} becomes the day of the appointment.
SETS = (
    "how about {d}",
    "let us say {d}",
    "{d} suits me",
    "then {d} it is",
    "i put you down for {d}",
    "make it {d}",
    "better on {d}",
    "we move it to {d}",
    "could you do {d}",
    "nothing speaks against {d}",
    "i am free on {d}",
    "no objection to {d}",
)

# {o} is mentioned and changes nothing: never the day that is agreed on.
MENTIONS = (
    "{o} does not suit me",
    "i am not free on {o}",
    "on {o} the hall is closed",
    "not {o} please",
    "how was your {o}",
    "{name} would have liked {o}",
    "last {o} was lovely",
    "i write this on {o}",
    "do not make it {o}",
    "we do not move it to {o}",
    "{name} is away on {o}",
    "my {who} put you down for {o} by mistake",
)

# Both in one sentence, in either order.
CHANGES = (
    "not {o} but {d}",
    "{d} and not {o}",
    "{d} instead of {o}",
    "instead of {o} {d}",
    "rather {d} than {o}",
    "{o} is out so {d}",
    "{d} because {o} is out",
    "from {o} to {d}",
)

LATER = (
    "one day later please",
    "the day after would be better",
    "can we do it a day later",
    "i need one more day",
)
EARLIER = (
    "one day earlier please",
    "the day before would be better",
    "can we do it a day earlier",
    "i need it one day sooner",
)

OFF = (
    "let us drop it",
    "i have to call it off",
    "no meeting then",
    "please cancel it",
    "it will not take place",
)
NOT_OFF = (
    "let us not drop it",
    "i do not have to call it off",
    "no need to cancel it",
    "it will take place",
    "{name} wanted to cancel it",
)

FILLERS = (
    "greetings from {place}",
    "my {who} sends regards",
    "bring the papers of {month} please",
    "{name} will come as well",
    "there will be {number} of us",
    "the room in {place} is small",
    "thank you for your patience",
    "{name} has the key",
    "coffee is on me",
    "i come by train from {place}",
    "the lift is broken again",
    "we have met {number} times since {month}",
)
