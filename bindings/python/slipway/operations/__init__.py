"""Client's methods, a file for each group of them. Each method builds a request of slipway.h and starts it, nothing else."""

from .assets import AssetOperations
from .distributions import DistributionOperations
from .release import ReleaseOperations
from .storage import StorageOperations
from .streampixel import StreampixelOperations

__all__ = ["AssetOperations", "DistributionOperations", "ReleaseOperations", "StorageOperations", "StreampixelOperations"]
