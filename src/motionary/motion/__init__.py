"""What a motion is: skeletons, rotations, kinematics, editing, contacts, retargeting and measures. Numpy only."""

from motionary.motion.motion import Motion, Segment
from motionary.motion.skeleton import HUMAN, Skeleton

__all__ = ["HUMAN", "Motion", "Segment", "Skeleton"]
