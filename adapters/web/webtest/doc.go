// Package webtest uses the page with both phones as two people do, in a real
// Chromium: it taps what they tap and reads what they can see. It needs a Chromium,
// at EVENFALL_CHROMIUM or /usr/bin/chromium, and fails the test without one.
package webtest
