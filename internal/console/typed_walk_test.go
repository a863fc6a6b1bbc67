package console_test

import (
	"fmt"
	"go/types"
	"maps"
	"testing"
	"text/template/parse"
)

// kind is what is known of a value in a template: a types.Type, the values of a dict by name, or nil for nothing.
type kind any

// walker goes through the templates that a page begins with, as far as the types of values are known.
type walker struct {
	t     *testing.T
	pkg   *types.Package
	view  types.Type // of the dot that the page begins with
	data  types.Type // of its Data
	trees map[string]*parse.Tree
	seen  map[string]bool
	named int // fields and methods that were checked
}

// template goes through one template with a dot.
func (w *walker) template(name string, dot kind) {
	key := fmt.Sprintf("%s %v", name, dot)
	tree := w.trees[name]
	if w.seen[key] || tree == nil {
		return
	}
	w.seen[key] = true
	w.list(tree, tree.Root, dot, map[string]kind{"$": dot})
}

// list goes through a list of nodes. Variables that it declares end with it.
func (w *walker) list(tree *parse.Tree, list *parse.ListNode, dot kind, variables map[string]kind) {
	if list == nil {
		return
	}
	variables = maps.Clone(variables)
	for _, n := range list.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			w.declare(n.Pipe, w.pipe(tree, n.Pipe, dot, variables), variables)
		case *parse.TemplateNode:
			w.template(n.Name, w.pipe(tree, n.Pipe, dot, variables))
		case *parse.IfNode:
			w.branch(tree, &n.BranchNode, dot, variables, func(kind) kind { return dot })
		case *parse.WithNode:
			w.branch(tree, &n.BranchNode, dot, variables, func(k kind) kind { return k })
		case *parse.RangeNode:
			w.branch(tree, &n.BranchNode, dot, variables, element)
		}
	}
}

// branch goes through a branch whose dot is made of the value of its pipe.
func (w *walker) branch(tree *parse.Tree, n *parse.BranchNode, dot kind, variables map[string]kind, made func(kind) kind) {
	inner := maps.Clone(variables)
	value := w.pipe(tree, n.Pipe, dot, inner)
	if n.NodeType == parse.NodeRange {
		value = made(value)
		w.declare(n.Pipe, value, inner)
		w.list(tree, n.List, value, inner)
	} else {
		w.declare(n.Pipe, value, inner)
		w.list(tree, n.List, made(value), inner)
	}
	w.list(tree, n.ElseList, dot, variables)
}

// declare gives the last variable of a pipe its value. One before it is the index of a range.
func (w *walker) declare(pipe *parse.PipeNode, value kind, variables map[string]kind) {
	for i, v := range pipe.Decl {
		variables[v.Ident[0]] = nil
		if i == len(pipe.Decl)-1 {
			variables[v.Ident[0]] = value
		}
	}
}

// pipe gives the value of a pipe, as far as it is known.
func (w *walker) pipe(tree *parse.Tree, pipe *parse.PipeNode, dot kind, variables map[string]kind) (value kind) {
	if pipe == nil {
		return nil
	}
	for _, c := range pipe.Cmds {
		values := make([]kind, len(c.Args))
		for i, arg := range c.Args {
			values[i] = w.value(tree, arg, dot, variables)
		}
		value = values[0]
		if f, ok := c.Args[0].(*parse.IdentifierNode); ok {
			switch {
			case f.Ident == "dict":
				value = dictOf(c.Args, values)
			case f.Ident == "index" && len(values) == 3:
				value = element(values[1])
			default:
				value = nil
			}
		}
	}
	return value
}

// dictOf gives the values of a dict.
func dictOf(args []parse.Node, values []kind) kind {
	m := map[string]kind{}
	for i := 1; i+1 < len(args); i += 2 {
		m[args[i].(*parse.StringNode).Text] = values[i+1]
	}
	return m
}

// value gives the value of an operand.
func (w *walker) value(tree *parse.Tree, n parse.Node, dot kind, variables map[string]kind) kind {
	switch n := n.(type) {
	case *parse.DotNode:
		return dot
	case *parse.FieldNode:
		return w.fields(tree, n, dot, n.Ident)
	case *parse.VariableNode:
		return w.fields(tree, n, variables[n.Ident[0]], n.Ident[1:])
	case *parse.ChainNode:
		return w.fields(tree, n, w.value(tree, n.Node, dot, variables), n.Field)
	case *parse.PipeNode:
		return w.pipe(tree, n, dot, variables)
	}
	return nil
}

// fields follows names from a value, and fails the test at one that its type doesn't have.
func (w *walker) fields(tree *parse.Tree, at parse.Node, from kind, names []string) kind {
	for _, name := range names {
		if d, ok := from.(map[string]kind); ok {
			v, ok := d[name]
			if !ok {
				return nil // of another template's call: components have values that not all give
			}
			from = v
			continue
		}
		t, ok := from.(types.Type)
		if !ok {
			return nil
		}
		if m, ok := under(t).(*types.Map); ok {
			from = m.Elem()
			continue
		}
		if _, ok := under(t).(*types.Interface); ok || under(t) == types.Typ[types.UntypedNil] {
			return nil
		}
		w.named++
		x, _, _ := types.LookupFieldOrMethod(t, true, w.pkg, name)
		if x == nil || !x.Exported() {
			location, context := tree.ErrorContext(at)
			w.t.Errorf("%s: %s: %v has no %s", location, context, t, name)
			return nil
		}
		from = x.Type()
		if f, ok := from.(*types.Signature); ok {
			from = f.Results().At(0).Type()
		}
		if name == "Data" && types.Identical(t, w.view) {
			from = w.data
		}
	}
	return from
}

// under gives what a type is, or what a pointer leads to.
func under(t types.Type) types.Type {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	return t.Underlying()
}

// element gives the type of what a list or a map has.
func element(k kind) kind {
	t, ok := k.(types.Type)
	if !ok {
		return nil
	}
	switch x := under(t).(type) {
	case *types.Slice:
		return x.Elem()
	case *types.Array:
		return x.Elem()
	case *types.Map:
		return x.Elem()
	}
	return nil
}
