/* The courier's screen: parcels and their next steps. */
const STEPS = {
  ordered: '待揽收 · ordered',
  cancelled: '已取消 · cancelled',
  picked_up: '揽收 · picked up',
  in_transit: '运输 · in transit',
  out_for_delivery: '派送 · out for delivery',
  signed: '签收 · signed',
  returned: '退回 · returned',
  lost: '丢失 · lost',
}
const list = document.getElementById('parcels')

function element(name, text = '', kind = '') {
  const made = document.createElement(name)
  made.textContent = text
  made.className = kind
  return made
}

async function step(waybill, state, button) {
  button.disabled = true
  await fetch(`/_sandbox/parcels/${waybill}`, { method: 'POST', body: JSON.stringify({ state }) })
  await show()
}

function card(parcel) {
  const made = element('article')
  const head = element('div', '', 'head')
  head.append(element('b', parcel.waybill), element('span', STEPS[parcel.state], `state ${parcel.state}`))
  const deeds = element('div', '', 'deeds')
  for (const state of parcel.next) {
    const button = element('button', STEPS[state])
    button.addEventListener('click', () => step(parcel.waybill, state, button))
    deeds.append(button)
  }
  const told = element('ol')
  for (const one of parcel.told) told.append(element('li', `${STEPS[one.state]} → ${one.status ?? ''} ${one.answer}`))
  made.append(head, element('p', `${parcel.to.name} ${parcel.to.phone} ${parcel.to.address}`), element('p', `← ${parcel.sender.name}`, 'quiet'), deeds, told)
  return made
}

async function show() {
  const found = await (await fetch('/_sandbox/parcels')).json()
  list.replaceChildren(...(found.length ? found.map(card) : [element('p', '还没有包裹。No parcels yet.', 'quiet')]))
}

await show()
setInterval(show, 3000)
