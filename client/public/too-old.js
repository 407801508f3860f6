/*
 * For browsers that cannot run the pages: they understand no module, or stop at one. Written for the oldest of them. What it shows stands in
 * index.html.
 */
;(function () {
  function tell() {
    var app = document.getElementById('app')
    var notice = document.getElementById('too-old')
    if (app && notice && !app.firstChild) notice.hidden = false
  }
  if (!('noModule' in document.createElement('script'))) tell()
  window.addEventListener('error', function (event) {
    // A file that does not load is tried again by the page itself.
    if (event.error) tell()
  })
})()
