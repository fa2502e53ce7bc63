# Read after the Makefile, whose rules it uses: `anamnesis` as it would be with another sql/. OTHER is a directory of its own, whose
# build/gen has what tools/gen_migrations.py made of that one.
CONCERNED := $(patsubst %.d,%.o,$(shell grep -l 'build/gen/migrations\.h' $(CLI:.o=.d)))

$(OTHER)/anamnesis: $(OTHER)/build/gen/migrations.c $(CLI) $(ARCHIVE)
	@$(CC) -I$(OTHER) $(CFLAGS) $(LDFLAGS) -o $@ $(patsubst $(BUILD)/obj/%.o,%.c,$(CONCERNED)) $< \
	    $(filter-out $(CONCERNED),$(CLI)) $(ARCHIVE) $(CLOUD) $(LIBS)
