package figure

import (
	"fmt"
	"io"
)

// document is a drawing with its texts for readers who cannot see it.
type document struct {
	*canvas
	name, description string
}

func (d document) writeSVG(w io.Writer) error {
	out := svg{height: d.height}
	out.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	d.open(&out, "", fmt.Sprintf(` width="%spt" height="%spt" xml:lang="en"`, out.x(d.width), out.x(d.height)))
	out.WriteString(`<rect width="100%" height="100%" fill="#FFFFFF"/>` + "\n")
	return d.close(&out, w)
}

func (d document) writeInline(w io.Writer, id string) error {
	out := svg{height: d.height, themed: true}
	d.open(&out, id+"-", "")
	return d.close(&out, w)
}

// open begins the root element; prefix makes its identifiers unique.
func (d document) open(out *svg, prefix, attributes string) {
	prefix = escape(prefix)
	fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg"%s viewBox="0 0 %s %s" role="img" aria-labelledby="%stitle %sdesc" font-family="%s">`+"\n",
		attributes, out.x(d.width), out.x(d.height), prefix, prefix, families)
	fmt.Fprintf(out, `<title id="%stitle">%s</title>`+"\n", prefix, escape(d.name))
	fmt.Fprintf(out, `<desc id="%sdesc">%s</desc>`+"\n", prefix, escape(d.description))
}

func (d document) close(out *svg, w io.Writer) error {
	out.write(d.marks)
	out.WriteString("</svg>\n")
	_, err := w.Write(out.Bytes())
	return err
}
