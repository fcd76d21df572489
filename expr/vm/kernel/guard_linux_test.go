package kernel

import (
	"math/rand/v2"
	"reflect"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// guarded returns memory before and after which no page may be touched, with room for a page of entries.
func guarded(t *testing.T) []byte {
	page := syscall.Getpagesize()
	b, err := syscall.Mmap(-1, 0, 3*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	require.NoError(t, err)
	t.Cleanup(func() { _ = syscall.Munmap(b) })
	require.NoError(t, syscall.Mprotect(b[:page], syscall.PROT_NONE))
	require.NoError(t, syscall.Mprotect(b[2*page:], syscall.PROT_NONE))
	return b[page : 2*page]
}

// No kernel touches a byte outside of its slices, whatever their length: they end, or begin, at a page that
// must not be read.
func TestGuardPages(t *testing.T) {
	var pages [][]byte
	for range 4 {
		pages = append(pages, guarded(t))
	}
	eachKernel(t, func(_ *testing.T, kernel, _ reflect.Value) {
		r := rand.New(rand.NewPCG(5, 6))
		for n := range longest {
			for _, atEnd := range []bool{true, false} {
				at := 0
				kernel.Call(operandsOf(r, kernel, n, func(s reflect.Type, n int) reflect.Value {
					memory := pages[at]
					at++
					size := n * int(s.Elem().Size())
					if atEnd {
						memory = memory[len(memory)-size:]
					}
					if n == 0 {
						return reflect.MakeSlice(s, 0, 0)
					}
					return reflect.SliceAt(s.Elem(), unsafe.Pointer(&memory[0]), n)
				}))
			}
		}
	})
}
