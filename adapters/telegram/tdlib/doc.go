// Package tdlib asks Telegram's own library what it makes of a text, offline. It
// needs libtdjson.so and cgo, so it is there only under the build tag "tdlib";
// adapters/telegram/tdlib.sh fetches the library and runs the test that uses it.
package tdlib
