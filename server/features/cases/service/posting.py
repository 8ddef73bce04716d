"""A room behind the door of cases: applications by post, each envelope written down once and answered."""

from server.features.cases.service._post import (
    attach_parcel,
    export_parcels,
    parcel,
    parcels,
    register_parcel,
    return_parcel,
)

__all__ = ["attach_parcel", "export_parcels", "parcel", "parcels", "register_parcel", "return_parcel"]
