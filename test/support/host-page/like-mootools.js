/** What MooTools 1.4 does to the globals that matter here, for machines without its Debian package. */
Array.from = (item) => (Array.isArray(item) ? item : [item])
Function.from = (item) => (typeof item === 'function' ? item : () => item)
window.Event = function DOMEvent(event) {
  this.event = event
  this.isKey = event.type.indexOf('key') === 0
}
