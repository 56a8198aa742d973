"""FastAPI with one route and nothing else, for comparison: `python -m bench.bare PORT`.

The same answer of the same model from memory; no credential, no database, no limits, no headers, no metrics, no log.
"""

import sys
from datetime import UTC, datetime

import uvicorn
from fastapi import FastAPI

from gamekeeper.server.http.schema import RoomAnswer

app = FastAPI(openapi_url=None)
OPENED = datetime.now(UTC)


@app.get("/rooms/{room}")
async def show_room(room: str) -> RoomAnswer:
    return RoomAnswer(
        id=room, app="adding", name="", role="player", seat=2, members=11, created_at=OPENED, closed=False
    )


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), loop="uvloop", http="httptools", access_log=False, log_level="error")
