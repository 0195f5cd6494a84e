"""All families."""

from training.designs.arithmetic import ARITHMETIC
from training.designs.coding import CODING
from training.designs.control import CONTROL
from training.designs.counting import COUNTING
from training.designs.shape import Family
from training.designs.shifting import SHIFTING
from training.designs.storage import STORAGE

FAMILIES: tuple[Family, ...] = (*COUNTING, *SHIFTING, *CODING, *ARITHMETIC, *CONTROL, *STORAGE)
