/** Waits until a page of the desk stands still: what replaced the last one has taken its place, and the focus. */
export async function settled(page) {
  for (let tries = 0; ; tries += 1) {
    try {
      await page.waitForLoadState('load')
      return await page.evaluate(still)
    } catch (wrong) {
      if (tries === 5 || !/context was destroyed/.test(wrong.message)) throw wrong
    }
  }
}

/** Half a second without a request, as browsers' tools offer it, is four times as long as the desk needs for anything of its own. */
function still() {
  const STILL = 150
  const PATIENCE = 15_000
  const BUSY = '.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added'
  return new Promise((done, lost) => {
    const began = performance.now()
    let moved = began
    const look = setInterval(() => {
      const now = performance.now()
      if (document.querySelector(BUSY)) moved = now
      if (now - moved > STILL) done(clearInterval(look))
      else if (now - began > PATIENCE) lost(new Error(`${location.pathname} does not come to rest`))
    }, 25)
  })
}
