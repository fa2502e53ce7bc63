# Read after the Makefile, whose rules it uses: make -f Makefile -f bench/bench.mk build/bench/seed

$(BUILD)/bench/seed: $(BUILD)/obj/bench/seed.o $(ARCHIVE)
	$(call link,)
$(BUILD)/bench/form/validate: $(BUILD)/obj/bench/form/validate.o $(ARCHIVE)
	$(call link,)
$(BUILD)/bench/load/ceiling: $(patsubst %,$(BUILD)/obj/bench/load/%.o,ceiling script) $(ARCHIVE)
	$(call link,)
