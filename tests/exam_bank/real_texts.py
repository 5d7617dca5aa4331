"""Small files of the same format as the public sets of texts, for tests without the real ones."""

import csv
import io
import json
import random
import tarfile
import zipfile
from pathlib import Path

TOPICS = ("sport", "business", "politics", "tech", "entertainment")
_SYLLABLES = ["ba", "co", "du", "fe", "gi", "ho", "ju", "ke", "li", "mo", "nu", "pa"]


def sentence(number: int) -> str:
    """Ten words that another number will hardly share."""
    draw = random.Random(number)
    return " ".join("".join(draw.choices(_SYLLABLES, k=3)) for _ in range(10))


def sarcasm(folder: Path, *, rows: int) -> Path:
    """`sarcasm.json`: a list of objects with a link, a headline and a label."""
    found = [
        {"article_link": "https://example.org", "headline": headline, "is_sarcastic": place % 2}
        for place, headline in enumerate(map(sentence, range(rows)))
    ]
    return _written(folder, "sarcasm.json", json.dumps(found).encode())


def bbc_news(folder: Path, *, rows: int) -> Path:
    """`bbc-text.csv`: category and text; the first topics are the commonest."""
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(("category", "text"))
    for place in range(rows):
        topic = TOPICS[min(place % 15, place % 7, place % 5)]
        table.writerow((topic, f'{sentence(place)}, "quoted"  news of {topic}'))
    return _written(folder, "bbc-text.csv", file.getvalue().encode())


def imdb(folder: Path, *, reviews: int) -> Path:
    """`aclImdb_v1.tar.gz`: a text file for each review, among others that are none."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        _add(archive, "aclImdb/README", "not a review")
        _add(archive, "aclImdb/train/unsup/0_0.txt", "nobody's label")
        for part_place, part in enumerate(("test", "train")):
            for place in range(reviews):
                mood = ("neg", "pos")[place % 2]
                text = f"{sentence(place + part_place * reviews)} <br />a {mood} film\x85"
                _add(archive, f"aclImdb/{part}/{mood}/{place}_{1 + place % 10}.txt", text)
    return _written(folder, "aclImdb_v1.tar.gz", packed.getvalue())


def imdb_again(original: Path, folder: Path) -> Path:
    """The same reviews as in `original`: other order and folders, not packed, junk between."""
    packed = io.BytesIO()
    with (
        tarfile.open(original / "aclImdb_v1.tar.gz") as source,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        _add(archive, "__MACOSX/train/pos/1_1.txt", "beside")
        for member in reversed(source.getmembers()):
            file = source.extractfile(member)
            member.name = member.name.replace("aclImdb/train", "./train")
            archive.addfile(member, file)
    return _written(folder, "aclImdb_v1.tar.gz", packed.getvalue())


def sms_spam(folder: Path, *, rows: int) -> Path:
    """`sms.tsv`: kind and message; every fifth is spam, and one message comes twice."""
    lines = [f"{'ham' if n % 5 else 'spam'}\t{sentence(n)}\tok £{n}" for n in range(rows)]
    return _written(folder, "sms.tsv", "".join(f"{each}\n" for each in [*lines, lines[0]]).encode())


def sentence_polarity(folder: Path, *, rows: int) -> Path:
    """`sentence_polarity.zip`: a sentence a line, the good ones in one file, the bad in another."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("sentence_polarity/README.txt", "not a sentence\n")
        for place, mood in enumerate(("neg", "pos")):
            found = (sentence(n) for n in range(place * rows, (place + 1) * rows))
            archive.writestr(
                f"sentence_polarity/rt-polarity.{mood}",
                "".join(f"a {mood} film , {each} \n" for each in found),
            )
    return _written(folder, "sentence_polarity.zip", packed.getvalue())


def _add(archive: tarfile.TarFile, name: str, text: str) -> None:
    content = text.encode()
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


def _written(folder: Path, name: str, content: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    return folder
