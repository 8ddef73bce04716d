"""A stand-in for the H5 build: a page that speaks the phone's side of the bridge and lets a test call it."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

PAGE = """<!doctype html><meta charset="utf-8"><style>body{font:16px sans-serif;padding:24px}</style>
<h2>stub</h2><p id="where"></p><p id="last"></p><script>
const waiting = new Map(); let count = 0
const call = (name, args = {}) => new Promise((resolve) => {
  const id = ++count
  waiting.set(id, resolve)
  parent.postMessage({ onetrip: 1, id, call: name, args }, '*')
})
addEventListener('message', ({ data }) => {
  if (data.onetrip !== 1) return
  if (data.event === 'navigate') location.hash = data.path
  if (data.id) { waiting.get(data.id)?.(data); waiting.delete(data.id) }
  if (data.run) call(data.run, data.args).then((reply) => parent.postMessage({ stub: data.run, reply }, '*'))
})
const show = () => { where.textContent = location.search + location.hash
  parent.postMessage({ stub: 'at', reply: location.search + location.hash }, '*') }
addEventListener('hashchange', show)
call('hello').then((reply) => {
  last.textContent = JSON.stringify(reply)
  parent.postMessage({ stub: 'hello', reply }, '*')
  show()
})
</script>"""


@asynccontextmanager
async def stub_program() -> AsyncIterator[str]:
    """Its origin."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    application = web.Application()
    application.router.add_get("/{path:.*}", page)
    runner = web.AppRunner(application)
    await runner.setup()
    line = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, line).start()
    try:
        yield f"http://127.0.0.1:{line.getsockname()[1]}"
    finally:
        await runner.cleanup()
