// Sorts a table by the column whose head is pressed. All else works without.
(() => {
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
  for (const table of document.querySelectorAll('.sortable')) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement('button')
      button.append(...head.childNodes)
      button.onclick = () => sort(table, column, head)
      head.append(button)
    })
  }
})()
