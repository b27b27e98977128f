// Sorts tables, filters and searches the queries, copies a part as Markdown. All else works without.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)]

  // --- sorting by the column whose head is pressed
  const units = {ms: 1, s: 1e3, min: 6e4, h: 36e5, d: 864e5}
  // What a cell is worth: "1,385", "22.3 %", "4 min 51 s" in ms; NaN where it is words. Of shares,
  // "<0.1 %" is less than any other, ">99.9 %" more than "99.9 %".
  const worth = text => {
    const plain = text.replace(/,/g, '').replace('<0.1 ', '0.05 ').replace('>99.9 ', '99.95 ')
    const parts = [...plain.matchAll(/([\d.]+) (ms|s|min|h|d)\b/g)]
    if (!/^[\d.]+( (%|ms|s|min|h|d)|$)/.test(plain)) return NaN
    return parts.length ? parts.reduce((sum, [, n, unit]) => sum + n * units[unit], 0) : parseFloat(plain)
  }
  const sort = (table, column, head) => {
    const rows = [...table.tBodies[0].rows].map(row => {
      const text = row.cells[column].textContent
      return {row, text, number: worth(text)}
    })
    const words = rows.every(row => isNaN(row.number))
    // Words begin with A, figures with the largest; pressed again, the other way round.
    const first = words ? 'ascending' : 'descending'
    const order = head.ariaSort === first ? (words ? 'descending' : 'ascending') : first
    const sign = order === 'ascending' ? 1 : -1
    rows.sort((a, b) => sign * (words ? a.text.localeCompare(b.text) : (a.number || 0) - (b.number || 0)))
    for (const other of head.parentNode.cells) other.ariaSort = null
    head.ariaSort = order
    table.tBodies[0].append(...rows.map(row => row.row))
  }
  for (const table of all('.sortable')) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement('button')
      button.append(...head.childNodes)
      button.onclick = () => sort(table, column, head)
      head.append(button)
    })
  }

  // --- filtering: a query's rows, its section and the findings about it come and go together
  const bar = document.querySelector('[role=search]')
  if (bar) {
    const id = link => link.hash.slice(3)
    const queries = new Map()
    const add = (key, node) => queries.set(key, [...queries.get(key) ?? [], node])
    for (const row of all('.queries tbody tr')) add(row.id ? row.id.slice(2) : id(row.querySelector('a')), row)
    for (const section of all('section.query')) add(section.id.slice(2), section)
    for (const row of all('.rankings tbody tr')) add(id(row.querySelector('a')), row)
    const findings = all('.finding').map(node => ({node, kind: node.dataset.f, ids: all('a[href^="#q-"]', node).map(id)}))
    const text = nodes => nodes.text ??= nodes.map(node => node.textContent).join(' ').toLowerCase()
    const apply = () => {
      const chosen = all('select', bar).map(select => select.value).filter(value => value)
      const words = bar.querySelector('input').value.toLowerCase().split(/\s+/).filter(word => word)
      const shown = new Set()
      for (const [key, nodes] of queries) {
        const numbers = (nodes[0].dataset.f ?? '').split(',')
        const fits = chosen.every(value => numbers.includes(value)) && words.every(word => text(nodes).includes(word))
        for (const node of nodes) node.hidden = !fits
        if (fits) shown.add(key)
      }
      const any = chosen.length + words.length > 0
      for (const {node, ids} of findings) node.hidden = any && !ids.some(key => shown.has(key))
      bar.querySelector('output').textContent = any ? `${shown.size} of ${queries.size}` : ''
    }
    bar.oninput = apply
    bar.hidden = false
    apply()
  }

  // --- a query or finding as Markdown, for a ticket
  const line = node => node.innerText.trim().replace(/\s+/g, ' ')
  const cell = node => line(node).replace(/\|/g, '\\|')
  const fence = text => {
    const ticks = '`'.repeat(Math.max(2, ...(text.match(/`+/g) ?? []).map(run => run.length)) + 1)
    return `${ticks}\n${text}\n${ticks}`
  }
  const table = node => {
    const rows = [...node.rows].map(row => [...row.cells].flatMap(c => [cell(c), ...Array(c.colSpan - 1).fill('')]))
    return [rows[0], rows[0].map(() => '---'), ...rows.slice(1)].map(cells => `| ${cells.join(' | ')} |`).join('\n')
  }
  const parts = {
    H3: node => `### ${line(node)}`,
    PRE: node => fence(node.textContent),
    P: line,
    TABLE: table,
    DL: node => all('dt', node).map(dt => `- **${line(dt)}**: ${line(dt.nextElementSibling)}`).join('\n')
  }
  const markdown = part => all('h3, pre, p, table, dl', part).map(node => parts[node.tagName](node)).filter(text => text).join('\n\n') + '\n'
  for (const part of all('.query, .finding')) {
    const button = document.createElement('button')
    button.className = 'copy'
    button.ariaLabel = 'Copy as Markdown'
    button.onclick = async () => {
      await navigator.clipboard.writeText(markdown(part))
      button.classList.add('done')
    }
    part.prepend(button)
  }
})()
