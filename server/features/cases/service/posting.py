"""A room behind the door of cases: applications by post, each envelope written down once and answered."""

from server.features.cases.schemas import ParcelOut
from server.features.cases.service._post import (
    attach_parcel,
    parcel,
    parcels,
    register_parcel,
    return_parcel,
)

__all__ = ["ParcelOut", "attach_parcel", "parcel", "parcels", "register_parcel", "return_parcel"]
