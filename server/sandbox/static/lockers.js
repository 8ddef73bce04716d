/* Banks of lockers as they stand in a hall. */
const main = document.getElementById('banks')
const typed = {}
const said = {}

function element(name, text = '', kind = '') {
  const made = document.createElement(name)
  made.textContent = text
  made.className = kind
  return made
}

function press(text, deed, kind = '') {
  const made = element('button', text, kind)
  made.addEventListener('click', async () => {
    await deed()
    await show()
  })
  return made
}

async function tell(bank, event, more) {
  const reply = await fetch(`/_sandbox/lockers/${bank}`, { method: 'POST', body: JSON.stringify({ event, ...more }) })
  const answer = await reply.json()
  if (event === 'code') said[bank] = answer.cell ? `${answer.cell} 号柜门已打开 · door ${answer.cell} is open` : answer.text || '没有应答 · no answer'
  else said[bank] = ''
  typed[bank] = ''
}

function keypad(bank) {
  const pad = element('div', '', 'keypad')
  pad.append(element('output', (typed[bank] ?? '').replace(/(.{4})(?=.)/, '$1 ') || '— — — —', 'typed'))
  for (const key of ['1', '2', '3', '4', '5', '6', '7', '8', '9', '←', '0', '✓']) {
    pad.append(press(key, async () => {
      if (key === '✓') await tell(bank, 'code', { code: typed[bank] ?? '' })
      else if (key === '←') typed[bank] = (typed[bank] ?? '').slice(0, -1)
      else typed[bank] = `${typed[bank] ?? ''}${key}`.slice(0, 8)
    }))
  }
  const words = element('p', said[bank] ?? '', 'said')
  words.setAttribute('role', 'status')
  pad.append(words)
  return pad
}

function door(bank, number, cell) {
  const made = element('div', '', `door${cell.open ? ' open' : ''}${cell.jammed ? ' jammed' : ''}`)
  made.append(element('b', String(number).padStart(2, '0')))
  if (cell.open) made.append(press('取走关门 · shut', () => tell(bank, 'taken', { cell: number })))
  else if (!cell.jammed) made.append(press('打不开 · jammed', () => tell(bank, 'fault', { cell: number }), 'small'))
  return made
}

async function show() {
  const banks = await (await fetch('/_sandbox/lockers')).json()
  const made = Object.entries(banks).map(([bank, cells]) => {
    const card = element('article')
    const wall = element('div', '', 'wall')
    for (const [number, cell] of Object.entries(cells)) wall.append(door(bank, Number(number), cell))
    const both = element('div', '', 'bank')
    both.append(wall, keypad(bank))
    card.append(element('div', bank, 'head'), both)
    return card
  })
  main.replaceChildren(...(made.length ? made : [element('p', '还没有柜子。No lockers yet.', 'quiet')]))
}

await show()
setInterval(show, 4000)
