package storetest

import (
	"fmt"
	"reflect"
)

// fill gives every field of a row, those of rows within it too, a value of its own, so that a column that is forgotten or
// exchanged with another is found. What is filled later has other values.
func fill[T any](row *T, from int64) *T {
	f := filler(from)
	f.fill(reflect.ValueOf(row).Elem())
	return row
}

type filler int64

func (f *filler) fill(v reflect.Value) {
	*f++
	switch v.Kind() {
	case reflect.Int64, reflect.Int:
		v.SetInt(int64(*f))
	case reflect.Uint8:
		v.SetUint(uint64(*f) % 256)
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d, ‘ß%%\"", *f))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			f.fill(v.Index(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 3, 3))
		for i := range v.Len() {
			f.fill(v.Index(i))
		}
	default:
		panic(fmt.Sprintf("storetest: a row has a %s", v.Type()))
	}
}
