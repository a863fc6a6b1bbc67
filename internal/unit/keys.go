package unit

// keys are those that a table's rows are asked for by.
type keys[K comparable] struct {
	wanted  []K // in this round
	leading []K // those of them that lead to more
	known   []K // of all rounds; they survive a reset
}

func (k *keys[K]) next() { k.wanted, k.leading = k.wanted[:0], k.leading[:0] }

func (k *keys[K]) forget() { k.known = k.known[:0] }

func (k *keys[K]) remember() { k.known = append(k.known, k.wanted...) }

func (k *keys[K]) recall() int {
	k.wanted = append(k.wanted[:0], k.known...)
	return len(k.wanted)
}

func (k *keys[K]) leads() bool { return len(k.leading) > 0 }

func (k *keys[K]) wants() []any {
	var list []any
	for _, key := range k.wanted {
		list = append(list, key)
	}
	return list
}
