package onnx

// value decodes a ValueInfoProto: an input or an output.
func (d *decoder) value(data []byte) (v Value, err error) {
	err = eachField("an input or output", data, func(f field) error {
		switch f.number {
		case 1:
			v.Name = f.text()
		case 2:
			return v.typeOf(f.bytes)
		}
		return nil
	})
	if err == nil && v.Name == "" {
		err = mistake("an input or output has no name; write the file again")
	}
	return v, err
}

// typeOf decodes a TypeProto. Sequences, maps and the like are left without a type.
func (v *Value) typeOf(data []byte) error {
	return eachField("a type", data, func(f field) error {
		if f.number != 1 {
			return nil
		}
		return eachField("the type of a tensor", f.bytes, func(f field) error {
			switch f.number {
			case 1:
				v.Type = DataType(f.bits & 0xffff)
			case 2:
				v.Ranked = true
				return eachField("a shape", f.bytes, v.dimension)
			}
			return nil
		})
	})
}

// dimension decodes a Dimension: an extent or a name.
func (v *Value) dimension(f field) error {
	if f.number != 1 {
		return nil
	}
	if len(v.Dims) == maxRank {
		return mistake("input or output %s has more than %d axes; reshape it in the model", shortName(v.Name), maxRank)
	}
	extent, symbol := int64(-1), ""
	err := eachField("an extent", f.bytes, func(f field) error {
		switch f.number {
		case 1:
			extent = f.integer()
		case 2:
			symbol = f.text()
		}
		return nil
	})
	if err == nil && extent > maxEntries {
		err = mistake("input or output %s has an extent of %d; the limit is %d", shortName(v.Name), extent, maxEntries)
	}
	v.Dims, v.Symbols = append(v.Dims, int(max(extent, -1))), append(v.Symbols, symbol)
	return err
}
