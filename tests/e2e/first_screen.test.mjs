/** The first screen over a slow line: what it weighs, and when there is something to read. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { APP, Stage } from './stage.mjs'

const MOST = 200 * 1024
let stage

before(async () => (stage = await Stage.open()))
after(async () => stage?.end())

test('home is at most 200 KB, in one language, and asks nobody but its own server', { timeout: 60_000 }, () => stage.tell('first-screen', async () => {
  const page = await stage.page({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true })
  const line = await page.context().newCDPSession(page)
  await line.send('Network.enable')
  await line.send('Network.emulateNetworkConditions', { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 90_000 })
  let bytes = 0
  const asked = []
  line.on('Network.loadingFinished', (event) => (bytes += event.encodedDataLength))
  page.on('request', (request) => asked.push(request.url()))
  const began = Date.now()
  await page.goto(`${APP}/`)
  await page.getByText('大家常办').waitFor()
  const readable = Date.now() - began
  await page.waitForLoadState('networkidle')
  const limit = 150 + (bytes / 200_000) * 1000
  console.log(JSON.stringify({ name: 'first_screen', bytes, readable_ms: readable, limit_ms: Math.round(limit), ratio: +(readable / limit).toFixed(2) }))
  assert.ok(bytes <= MOST, `${bytes} bytes`)
  assert.deepEqual(asked.filter((url) => !url.startsWith(APP) && !url.startsWith('data:')), [])
  assert.equal(asked.filter((url) => /texts-/.test(url)).length, 1)
}))
