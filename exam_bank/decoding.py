"""What a file that was changed by hand, damaged or made to do harm can raise when decoded.

msgspec and tomllib have errors of their own for most of it. Text that is not UTF-8 comes as
a `ValueError`, and brackets that nest a hundred thousand deep as a `RecursionError`.
"""

import msgspec

UNDECODABLE = (msgspec.MsgspecError, ValueError, RecursionError)
