"""For machines that watch: is it alive, is it ready, how is it doing."""

from ipaddress import ip_address

from fastapi import APIRouter, Request, Response

from gamekeeper.core.errors import ErrorCode, Rejected
from gamekeeper.server.access import address, anyone, identify, server_of
from gamekeeper.server.http.schema import StatusAnswer
from gamekeeper.server.server import Server

router = APIRouter(tags=["health"], dependencies=[anyone("read")])

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@router.get("/health/live")
async def live() -> StatusAnswer:
    """The process answers."""
    return StatusAnswer(status="live")


@router.get("/health/ready")
async def ready(request: Request) -> StatusAnswer:
    """Log and database took a real round trip just now; 503 with the reason otherwise."""
    reason = await server_of(request).unreadiness()
    if reason is not None:
        raise Rejected(ErrorCode.UNAVAILABLE, reason, retry_after_s=2.0)
    return StatusAnswer(status="ready")


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Prometheus' text format, for the networks of `GAMEKEEPER_METRICS_NETWORKS` and for administrators."""
    server = server_of(request)
    if not _may_scrape(server, request):
        raise Rejected(ErrorCode.FORBIDDEN, "metrics are not shown to this address")
    return Response(server.metrics.text(), media_type=METRICS_TYPE)


def _may_scrape(server: Server, request: Request) -> bool:
    try:
        caller = ip_address(address(request))
    except ValueError:
        caller = None
    if caller is not None and any(caller in network for network in server.settings.metrics_networks):
        return True
    who = identify(request)
    return who is not None and who.is_admin
