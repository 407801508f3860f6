/*
 * For browsers that cannot run the pages: they understand no module, lack a function that the pages use throughout, or fail before anything is
 * shown. Written for the oldest of them. What it shows stands in index.html.
 */
;(function () {
  function tell() {
    var app = document.getElementById('app')
    var notice = document.getElementById('too-old')
    if (app && notice && !app.firstChild) notice.hidden = false
  }
  // `findLast` came with Safari 15.4, Chrome 97 and Firefox 104, later than anything else that the pages use.
  if (!('noModule' in document.createElement('script')) || !Array.prototype.findLast) tell()
  window.addEventListener('error', function (event) {
    // A file that does not load is tried again by the page itself.
    if (event.error) tell()
  })
  window.addEventListener('unhandledrejection', tell)
})()
