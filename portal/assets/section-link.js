// In the CMS editor: the button that refers to a section of the manual. Wagtail's own dialogue does the choosing; what
// is put into the text is the section's permanent address and, as the words of the link, what it is called today.
(() => {
  const { draftail, React, wagtail } = window;

  class SectionSource extends draftail.ModalWorkflowSource {
    getChooserConfig() {
      return {
        url: this.props.entityType.chooserUrls.sectionChooser,
        urlParams: {},
        onload: window.CHOOSER_MODAL_ONLOAD_HANDLERS,
        responses: { chosen: this.onChosen },
      };
    }

    filterEntityData(section) {
      return { id: section.id, label: section.label };
    }
  }

  function SectionReference(props) {
    const { label } = props.contentState.getEntity(props.entityKey).getData();
    const icon = React.createElement(wagtail.components.Icon, { name: "crosshairs" });
    return React.createElement(draftail.TooltipEntity, { ...props, icon, label: label ?? "", url: "" });
  }

  draftail.registerPlugin({ type: "SECTION", source: SectionSource, decorator: SectionReference }, "entityTypes");
})();
