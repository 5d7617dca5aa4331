"""A second hidden set of a paper's task, which the paper's code does not give away.

Whoever has a code and the bank can make the code's hidden set. A class is therefore graded on
another one, of the same world and with the same training data:

* A task that draws its data gets other draws. All its generators name the streams of their
  hidden parts "hidden" (`synthetic/rng.py`), so a secret that is mixed into exactly those
  streams changes the hidden part and nothing else. Rows of the first set are left out.
* Real data cannot be drawn again. The code's hidden set is cut in two instead, and candidates
  see scores on the first part only. The second is withheld, but it is no secret: the data are
  public, and the code decides the cut.

The two parts of real data are alike: rows with the same answer are dealt out in pairs. Windows
of a series overlap, so a series is cut in time, with gaps: the middle half is the second part.
"""
