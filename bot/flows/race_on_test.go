//go:build race

package flows_test

// stride: with the race detector, which is slow and looks for other things, every so many cells are tried.
const stride = 8
